use access::CodeChallenge;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, Response, StatusCode};
use service::Context;
use store::{ApiClient, ClientKind};

use super::parameters::Parameters;
use super::redirect_uri::RedirectUri;
use crate::client::scope;
use crate::oauth::OauthError;

/// The longest `state`, in bytes: an answer's headers have room for no more.
const LONGEST_STATE: usize = 2048;

/// The parameters of a request, none of which may be given twice.
const NAMES: [&str; 7] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// Whom an answer is for, and where a browser may be sent with it.
pub struct Destination {
    /// The client.
    pub client: ApiClient,
    /// Where it registered to be sent answers.
    pub redirect_uri: RedirectUri,
    /// What it gave to know its own request by.
    pub state: Option<String>,
}

impl Destination {
    /// The destination that the request names.
    ///
    /// # Errors
    /// The client is not known, or has not registered the redirect URI: nobody is sent there.
    pub async fn find(context: &Context, given: &Parameters) -> Result<Self, OauthError> {
        let found = match given.get("client_id") {
            Some(client_id) => context.store.api_client(client_id).await,
            None => Ok(None),
        };
        let client = found.map_err(OauthError::failed)?;
        let client = client.ok_or_else(|| {
            OauthError::invalid_request("client_id is missing, given twice, or nobody's.")
        })?;
        let redirect_uri = given.get("redirect_uri");
        let redirect_uri =
            redirect_uri.and_then(|it| RedirectUri::registered(it, &client.redirect_uris));
        let redirect_uri = redirect_uri.ok_or_else(|| {
            OauthError::invalid_request(
                "redirect_uri is missing, given twice, or not registered for this client.",
            )
        })?;
        let state = given.get("state").filter(|it| it.len() <= LONGEST_STATE);
        Ok(Self {
            client,
            redirect_uri,
            state: state.map(str::to_owned),
        })
    }

    /// Sends the browser back with these parameters. By 303, since any other redirect may have it
    /// post the password there (RFC 9700, section 4.12).
    pub fn send_back(&self, parameters: &[(&str, &str)]) -> Result<Response<Bytes>, OauthError> {
        let state = self.state.as_deref().map(|it| ("state", it));
        let parameters: Vec<_> = parameters.iter().copied().chain(state).collect();
        let location = HeaderValue::try_from(self.redirect_uri.with(&parameters));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let headers = response.headers_mut();
        headers.insert(LOCATION, location.map_err(OauthError::failed)?);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Ok(response)
    }
}

/// What a client asks its customer's sign-in for.
#[derive(Debug)]
pub struct Asked {
    /// The scope as it was asked for, if it was.
    pub scope: Option<String>,
    /// The scope that is granted.
    pub granted: String,
    /// What the client's verifier has to meet.
    pub challenge: Option<CodeChallenge>,
}

impl Asked {
    /// Reads what the client asks for. A client without a secret has to give a challenge: nothing
    /// else shows that the code comes back from whom it was meant for (RFC 9700, section 2.1.1).
    ///
    /// # Errors
    /// What its `error` is to be, by RFC 6749, section 4.1.2.1.
    pub fn read(client: &ApiClient, given: &Parameters) -> Result<Self, OauthError> {
        let invalid = OauthError::invalid_request;
        if given.repeats(&NAMES) {
            return Err(invalid("A parameter is given twice."));
        }
        if given
            .get("state")
            .is_some_and(|it| it.len() > LONGEST_STATE)
        {
            return Err(invalid("state has more than 2048 bytes."));
        }
        match given.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(OauthError::unsupported_response_type()),
            None => return Err(invalid("response_type is missing.")),
        }
        if client.kind != ClientKind::SalesChannel {
            return Err(OauthError::signs_in_nobody());
        }
        let (granted, _) = scope(client, given.get("scope"))?;
        Ok(Self {
            scope: given.get("scope").map(str::to_owned),
            granted,
            challenge: challenge(client, given)?,
        })
    }
}

fn challenge(client: &ApiClient, given: &Parameters) -> Result<Option<CodeChallenge>, OauthError> {
    let invalid = OauthError::invalid_request;
    match (
        given.get("code_challenge"),
        given.get("code_challenge_method"),
    ) {
        (Some(challenge), Some("S256")) => match CodeChallenge::parse(challenge) {
            Some(challenge) => Ok(Some(challenge)),
            None => Err(invalid("code_challenge is no SHA-256 in base64url.")),
        },
        (Some(_), _) | (None, Some(_)) => Err(invalid(
            "code_challenge comes with the code_challenge_method S256, the only one taken.",
        )),
        (None, None) if client.secret_hash.is_none() => Err(invalid(
            "code_challenge is missing: a client without a secret has to give one.",
        )),
        (None, None) => Ok(None),
    }
}
