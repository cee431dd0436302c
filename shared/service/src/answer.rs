//! The way in and out of a request for the API.

use std::future::Future;
use std::sync::Arc;

use access::from_authorization_header;
use bytes::Bytes;
use domain::refusal::Code;
use domain::{Caller, Refusal, Role, Timestamp};
use futures_util::{FutureExt, future};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, Request, Response};
use json_api::{check_accept, check_content_type};
use routing::headers::IDEMPOTENT_REPLAYED;
use routing::{
    Captures, Coding, Logged, Method, Route, SourceAddress, Unreadable, find, identified, no_route,
    set,
};

use crate::actor::Right;
use crate::once::Once;
use crate::precondition::Conditions;
use crate::response::{self, Body};
use crate::throttle::{self, Admission};
use crate::{Actor, Call, Context, Failure};

/// The largest body, in bytes.
const LARGEST_BODY: usize = 256 * 1024;

/// Answers a request for one of `routes`: has it handled while it is counted, and makes a response of
/// what comes of it. What the limit refuses gets no permit, so that nothing is changed, and no more read
/// than what was being read by then.
pub async fn answer<'a, H, F>(
    context: &'a Context,
    request: Request<Bytes>,
    routes: &[Route],
    handle: H,
) -> Response<Bytes>
where
    H: FnOnce(Call<'a>) -> F,
    F: Future<Output = Result<Body, Failure>>,
{
    let method = request.method().clone();
    // Boxed, as what is carried out is: what holds a request's future is moved with it, tens of kilobytes each time.
    let answered = Box::pin(async {
        let now = context.now();
        context.renew_keys().await;
        let caller = authenticate(context, request.headers(), now).await;
        let address = throttle::source_address(context, &request);
        let logged = logged(&request, routes, caller.as_ref().ok());
        let admission = throttle::admission(context, caller.as_ref().ok(), address, now);
        // Whoever is known to make too many costs nothing more.
        if let Some(verdict) = admission.clone().now_or_never()
            && verdict.permit().is_none()
        {
            let mut response = verdict.apply(Response::new(Bytes::new()));
            response.extensions_mut().insert(logged);
            return response;
        }
        let arrived = Arrived {
            request,
            caller,
            now,
            admission: admission.clone(),
            address,
        };
        let answered = Box::pin(carry_out(context, arrived, routes, handle));
        let (response, verdict) = future::join(answered, admission).await;
        let mut response = verdict.apply(response);
        response.extensions_mut().insert(logged);
        response
    });
    identified(context.random.as_ref(), &method, answered).await
}

/// What a request's line in the log says of it.
fn logged(request: &Request<Bytes>, routes: &[Route], caller: Option<&Caller>) -> Logged {
    let route = find(routes, request.method().as_str(), request.uri().path());
    Logged {
        route: route.map(|(route, _)| route.path),
        caller: caller.map(|it| match it.role {
            Role::Guest => "guest",
            Role::Customer(_) => "customer",
            Role::Integration => "integration",
        }),
        organization: caller.map(|it| it.tenant.organization),
    }
}

/// A request, and what is known of it before anything is read.
struct Arrived<'a> {
    request: Request<Bytes>,
    caller: Result<Caller, Refusal>,
    now: Timestamp,
    admission: Admission<'a>,
    address: Option<SourceAddress>,
}

async fn carry_out<'a, H, F>(
    context: &'a Context,
    arrived: Arrived<'a>,
    routes: &[Route],
    handle: H,
) -> Response<Bytes>
where
    H: FnOnce(Call<'a>) -> F,
    F: Future<Output = Result<Body, Failure>>,
{
    let request = &arrived.request;
    let (method, path) = (request.method().as_str(), request.uri().path());
    let Some((route, captures)) = find(routes, method, path) else {
        return no_route(method, path);
    };
    let conditions = Conditions::of(request.headers());
    let coding = Coding::of(request.headers());
    let is_anonymous = !request.headers().contains_key(AUTHORIZATION);
    let mut is_replayed = false;
    let handled = async {
        let call = call(context, arrived, route, captures)?;
        // Boxed, for what the compiler must see through at once would be the whole request.
        handle_once(call, |call| Box::pin(handle(call)), &mut is_replayed).await
    };
    let mut response = match handled.await {
        Ok(body) => response::respond(body, route.method, &conditions, coding),
        Err(failure) if is_anonymous => response::challenge(response::refuse(failure)),
        Err(failure) => response::refuse(failure),
    };
    if is_replayed {
        set(&mut response, IDEMPOTENT_REPLAYED, "true");
    }
    response
}

/// Has a request handled, unless it was carried out before under its key: then that is answered again. One
/// that came to nothing looks once more, since the first may have been under way until now.
async fn handle_once<'a, H, F>(
    call: Call<'a>,
    handle: H,
    is_replayed: &mut bool,
) -> Result<Body, Failure>
where
    H: FnOnce(Call<'a>) -> F,
    F: Future<Output = Result<Body, Failure>>,
{
    let Some(once) = call.actor.once.clone() else {
        return handle(call).await;
    };
    let repeat = call.clone();
    let earlier = match once.earlier(&repeat).await? {
        Some(earlier) => earlier,
        None => match handle(call).await {
            Err(failure) if !once.is_kept() => once.earlier(&repeat).await?.ok_or(failure)?,
            handled => return handled,
        },
    };
    once.require_same(&earlier)?;
    *is_replayed = true;
    once.replay(&repeat, earlier).await
}

/// The call that a request makes. Refuses requests without a valid token, and bodies that no endpoint
/// takes.
fn call<'a>(
    context: &'a Context,
    arrived: Arrived<'a>,
    route: Route,
    captures: Captures,
) -> Result<Call<'a>, Failure> {
    let (parts, body) = arrived.request.into_parts();
    check_accept(text(&parts.headers, ACCEPT))?;
    let caller = arrived.caller?;
    if let Some(Unreadable(problem)) = parts.extensions.get() {
        return Err(Refusal::new(Code::BadRequest, *problem).into());
    }
    if matches!(route.method, Method::Post | Method::Patch) {
        check_content_type(text(&parts.headers, CONTENT_TYPE))?;
    }
    if body.len() > LARGEST_BODY {
        let detail = format!("A body has at most {LARGEST_BODY} bytes.");
        return Err(Refusal::new(Code::PayloadTooLarge, detail).into());
    }
    let mut call = Call {
        actor: Actor {
            context,
            caller,
            now: arrived.now,
            deadline: context.deadline(),
            only_reads: matches!(route.method, Method::Get),
            right: Right::Counted(arrived.admission),
            address: arrived.address,
            once: None,
        },
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        route,
        captures,
        conditions: Conditions::of(&parts.headers),
        body,
    };
    call.actor.once = Once::of(&call, &parts.headers)?.map(Arc::new);
    Ok(call)
}

/// The caller that the bearer token names; on a host that carries an organization's slug, that
/// organization's.
async fn authenticate(
    context: &Context,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Caller, Refusal> {
    let invalid = || {
        Refusal::new(
            Code::InvalidToken,
            "The access token you provided is invalid.",
        )
    };
    let verified = match from_authorization_header(text(headers, AUTHORIZATION)) {
        Ok(bearer) => context.issuers_for(bearer).await.verify(bearer, now),
        Err(missing) => Err(missing),
    };
    let caller = verified.map_err(|problem| {
        tracing::info!(%problem, "token refused");
        invalid()
    })?;
    let slug = text(headers, HOST).and_then(|host| context.configuration.slug_of(host));
    match slug {
        Some(slug) if slug != caller.slug => Err(invalid()),
        _ => Ok(caller),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
