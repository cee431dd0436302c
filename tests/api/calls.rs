//! Calls to DynamoDB, watched.

use std::sync::{Arc, Mutex};

use aws_smithy_types::config_bag::{Storable, StoreReplace};
use store::aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
};
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;
use store::aws_sdk_dynamodb::operation::update_item::UpdateItemInput;

/// The calls to DynamoDB, as they begin and end.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Event>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub began: bool,
    /// Whether the call counts a request.
    pub counts: bool,
}

/// Noted with a call that counts a request.
#[derive(Debug)]
struct CountsARequest;

impl Storable for CountsARequest {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let counts = counts_a_request(context.input().downcast_ref());
        if counts {
            notes.interceptor_state().store_put(CountsARequest);
        }
        self.note(true, counts);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        _: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.note(false, notes.load::<CountsARequest>().is_some());
        Ok(())
    }
}

impl Calls {
    /// The round trips since they were last taken, those that count requests left out.
    pub fn take(&self) -> usize {
        let mut events = self.take_events();
        events.retain(|it| !it.counts);
        round_trips(&events)
    }

    /// What happened since it was last taken.
    pub fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn note(&self, began: bool, counts: bool) {
        self.0.lock().unwrap().push(Event { began, counts });
    }
}

/// How often one waits for DynamoDB: a call that begins while another is under way belongs to the same
/// round trip.
pub fn round_trips(events: &[Event]) -> usize {
    let (mut under_way, mut round_trips) = (0, 0);
    for event in events {
        match event.began {
            true => {
                round_trips += usize::from(under_way == 0);
                under_way += 1;
            }
            false => under_way -= 1,
        }
    }
    round_trips
}

/// Whether an update counts a request.
pub fn counts_a_request(update: Option<&UpdateItemInput>) -> bool {
    let key = update.and_then(|it| it.key()?.get("pk")?.as_s().ok());
    key.is_some_and(|it| it.contains("throttle#"))
}
