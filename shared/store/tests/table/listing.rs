//! Lists in order of creation, stretch by stretch.

use decisions::{Change, OrderLine};
use domain::record::{Place, Record};
use domain::{CustomerId, Id, OrderId, Period, ResourceType};
use store::{Bookmark, Direction, Listing};

use crate::engine::{PERMIT, Table, at, id, tenant};

const KIND: ResourceType = ResourceType::Skus;

fn sku(seconds: i64) -> Id {
    id(&format!("sku {seconds}"))
}

/// Skus, one for each of these seconds, and how many.
async fn with_skus(seconds: std::ops::Range<i64>) -> Table {
    let table = Table::start().await;
    for seconds in seconds {
        let record = Record::new(KIND, sku(seconds), at(seconds));
        let created = table.store.create(PERMIT, tenant(), Place::Own, &record);
        created.await.unwrap();
    }
    table
}

fn listing(from: Option<i64>, to: Option<i64>, direction: Direction) -> Listing {
    let created = Period {
        from: from.map(at),
        to: to.map(at),
    };
    Listing::of_type(tenant(), KIND, created, direction)
}

impl Table {
    /// The seconds at which the next skus of a listing were made, and where it is read on.
    async fn next(
        &self,
        listing: &Listing,
        after: Option<Bookmark>,
        most: usize,
    ) -> (Vec<i64>, Option<Bookmark>) {
        let stretch = self.store.stretch(listing, after, most).await.unwrap();
        let records = self.store.records(tenant(), stretch.keys).await.unwrap();
        let seconds = records.iter().map(|it| it.created_at.unix_seconds());
        let seconds = seconds.map(|it| it - at(0).unix_seconds());
        (seconds.collect(), stretch.next)
    }
}

#[tokio::test]
async fn a_list_is_read_on_where_it_was_left_in_either_direction() {
    let table = with_skus(0..7).await;
    for (direction, expected) in [
        (Direction::OldestFirst, [0, 1, 2, 3, 4, 5, 6]),
        (Direction::NewestFirst, [6, 5, 4, 3, 2, 1, 0]),
    ] {
        let listing = listing(None, None, direction);
        let (first, bookmark) = table.next(&listing, None, 3).await;
        assert_eq!(first, expected[..3]);
        let (second, bookmark) = table.next(&listing, bookmark, 3).await;
        assert_eq!(second, expected[3..6]);
        let (third, bookmark) = table.next(&listing, bookmark, 3).await;
        assert_eq!((third.as_slice(), bookmark), (&expected[6..], None));

        let (passed, bookmark) = table.store.pass(&listing, None, 4).await.unwrap();
        assert_eq!(passed, 4);
        let (rest, _) = table.next(&listing, bookmark, 9).await;
        assert_eq!(rest, expected[4..]);
        let (passed, bookmark) = table.store.pass(&listing, None, 9).await.unwrap();
        assert_eq!((passed, bookmark), (7, None));
    }
}

#[tokio::test]
async fn what_is_of_several_types_is_one_list() {
    let table = Table::start().await;
    for seconds in 0..9 {
        // The first three are of one type, so that another's are not reached at once.
        let kind = match seconds {
            0..3 => ResourceType::Captures,
            _ if seconds % 2 == 0 => ResourceType::Authorizations,
            _ => ResourceType::Refunds,
        };
        let record = Record::new(kind, sku(seconds), at(seconds));
        let created = table.store.create(PERMIT, tenant(), Place::Own, &record);
        created.await.unwrap();
    }
    let kind = ResourceType::Transactions;
    for (direction, expected) in [
        (Direction::OldestFirst, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (Direction::NewestFirst, [8, 7, 6, 5, 4, 3, 2, 1, 0]),
    ] {
        for size in 1..=10 {
            let listing = Listing::of_type(tenant(), kind, Period::default(), direction);
            let (mut listed, mut bookmark) = table.next(&listing, None, size).await;
            while let Some(next) = bookmark {
                let (more, then) = table.next(&listing, Some(next), size).await;
                assert!(more.len() <= size);
                listed.extend(more);
                bookmark = then;
            }
            assert_eq!(listed, expected, "{size} at a time");
            let (passed, bookmark) = table.store.pass(&listing, None, size).await.unwrap();
            assert_eq!(passed, size.min(9));
            let (rest, _) = match bookmark {
                Some(bookmark) => table.next(&listing, Some(bookmark), 9).await,
                None => (Vec::new(), None),
            };
            assert_eq!(rest, expected[passed..]);
        }
    }
}

#[tokio::test]
async fn a_list_is_of_what_was_created_within_a_period_with_both_its_ends() {
    let table = with_skus(0..5).await;
    for (from, to, expected) in [
        (Some(2), None, vec![2, 3, 4]),
        (None, Some(2), vec![0, 1, 2]),
        (Some(1), Some(3), vec![1, 2, 3]),
        (Some(2), Some(2), vec![2]),
        (Some(3), Some(2), vec![]),
        (Some(9), None, vec![]),
    ] {
        let listing = listing(from, to, Direction::OldestFirst);
        let (listed, bookmark) = table.next(&listing, None, 9).await;
        assert_eq!((&listed, bookmark), (&expected, None), "{from:?} {to:?}");
        let (passed, _) = table.store.pass(&listing, None, 9).await.unwrap();
        assert_eq!(passed, expected.len());
    }
}

#[tokio::test]
async fn a_customers_orders_are_listed_by_their_lines() {
    let table = Table::with_customer().await;
    let customer = CustomerId::new(id("customer"));
    for seconds in 0..4 {
        let order = Record::new(ResourceType::Orders, sku(seconds), at(seconds));
        let line = OrderLine {
            order: OrderId::new(order.id),
            created_at: order.created_at,
        };
        table
            .commit(&[
                Change::put(order, Place::Order),
                Change::ListOrder(customer, line),
            ])
            .await;
    }
    let since = Period {
        from: Some(at(1)),
        to: None,
    };
    let listing = Listing::of_orders(tenant(), customer, since, Direction::NewestFirst);
    let (newest, bookmark) = table.next(&listing, None, 2).await;
    assert_eq!(newest, [3, 2]);
    let (rest, bookmark) = table.next(&listing, bookmark, 2).await;
    assert_eq!((rest, bookmark), (vec![1], None));
}
