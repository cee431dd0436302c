use std::sync::Arc;

use access::{Action, permits};
use decisions::{DocumentWriter, Input, Permit, PermittedTo};
use domain::Deadline;
use domain::graph::Graph;
use domain::purchase::Purchase;
use domain::record::Record;
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::{Caller, Id, Random, Refusal, Role, Tenant, Timestamp};
use json_api::{Include, Query, Renderer, Site};
use routing::SourceAddress;
use serde_json::Value;

use crate::once::Once;
use crate::run::Fresh;
use crate::throttle::Admission;
use crate::{Context, Failure};

/// Who acts, when, and by when it is to be done: what reading and deciding take, whether a request is
/// answered or owed work is carried on.
#[derive(Clone)]
pub struct Actor<'a> {
    /// What every endpoint needs.
    pub context: &'a Context,
    /// Who asks.
    pub caller: Caller,
    /// When the request arrived.
    pub now: Timestamp,
    /// By when it is answered.
    pub deadline: Deadline,
    /// Whether nothing is changed: then what is read for an answer has a limit.
    pub(crate) only_reads: bool,
    /// By what right something may be changed.
    pub(crate) right: Right<'a>,
    /// Where the request came from.
    pub(crate) address: Option<SourceAddress>,
    /// The request, where it is carried out once however often it is sent.
    pub(crate) once: Option<Arc<Once>>,
}

/// By what right something may be changed.
#[derive(Clone)]
pub enum Right<'a> {
    /// The request is counted: whether it is let in is known once that is done.
    Counted(Admission<'a>),
    /// What runs by itself may.
    Own(PermittedTo),
}

impl<'a> Actor<'a> {
    /// The tenant's own back end, carrying on what is owed.
    pub fn of_tenant(context: &'a Context, tenant: Tenant, deadline: Deadline) -> Self {
        Self {
            context,
            caller: caller(tenant, Role::Integration),
            now: context.now(),
            deadline,
            only_reads: false,
            right: Right::Own(PermittedTo::Sweeper),
            address: None,
            once: None,
        }
    }

    /// The tenant's own back end, hearing from a gateway.
    pub fn of_gateway_event(context: &'a Context, tenant: Tenant) -> Self {
        Self {
            right: Right::Own(PermittedTo::GatewayEvent),
            ..Self::of_tenant(context, tenant, context.deadline())
        }
    }

    /// The tenant's own back end, by a command of whoever runs the deployment.
    pub(crate) fn of_operator(context: &'a Context, tenant: Tenant) -> Self {
        Self {
            right: Right::Own(PermittedTo::Operator),
            ..Self::of_tenant(context, tenant, context.deadline())
        }
    }

    /// The tenant's own back end, in this request: what follows from it is done whatever its caller may
    /// see.
    pub(crate) fn on_behalf_of_tenant(&self) -> Self {
        Self {
            context: self.context,
            caller: caller(self.caller.tenant, Role::Integration),
            now: self.now,
            deadline: self.deadline,
            only_reads: self.only_reads,
            right: self.right.clone(),
            address: self.address,
            once: None,
        }
    }

    /// Leave to change something, or to read on, once it is known that the caller does not make too many
    /// requests: without it neither a gateway is called nor anything committed, and no more is read than
    /// the first round trip, which is made while the request is counted.
    ///
    /// # Errors
    /// The caller makes too many.
    pub async fn permit(&self) -> Result<Permit, Failure> {
        match self.right.clone() {
            Right::Own(to) => Ok(Permit::grant(to)),
            Right::Counted(admission) => {
                let permit = admission.await.permit();
                permit.ok_or(Failure::Throttled)
            }
        }
    }

    /// The hash of a password, by which it is known again. Hashing takes its time: it is done once the request is let
    /// in.
    ///
    /// # Errors
    /// The caller makes too many requests; the password cannot be hashed.
    pub async fn hash_password(&self, password: &str) -> Result<String, Failure> {
        self.permit().await?;
        let random: &dyn Random = self.context.random.as_ref();
        let hashed = access::hash_password(password, random);
        hashed.map_err(|error| Failure::Hash(error.to_string()))
    }

    /// Authorises: refuses what the caller's role may not ask for.
    ///
    /// # Errors
    /// The table of permissions does not have it (401).
    pub fn require(&self, action: Action) -> Result<(), Refusal> {
        match permits(action, self.caller.role) {
            true => Ok(()),
            false => Err(Refusal::unauthorized()),
        }
    }

    /// Where the API is reached, and whose records are shown.
    pub fn site(&self) -> Site<'_> {
        Site {
            url: &self.context.configuration.public_url,
            tenant: self.caller.tenant,
        }
    }

    /// The graph around a purchase, as the caller sees it.
    pub fn around(&self, purchase: Purchase) -> Graph {
        Graph::of(purchase, self.caller.clone(), self.now)
    }

    /// What decisions are given, with what only this run knows.
    pub fn input<'i>(&'i self, fresh: &'i Fresh) -> Input<'i> {
        Input {
            caller: &self.caller,
            now: self.now,
            lookup: self.context.store.lookup(),
            table: &fresh.table,
            fresh: fresh.id,
            secret: &fresh.secret,
            documents: self,
            trusted_origins: &self.context.configuration.trusted_origins,
        }
    }
}

impl Actor<'_> {
    /// The document of a record of the graph, with what these paths include.
    fn rendered(&self, record: &Record, graph: &Graph, include: &str) -> Value {
        let query = Query {
            include: Include::parse(include, &[record.kind]).unwrap_or_default(),
            ..Query::default()
        };
        let renderer = Renderer {
            site: self.site(),
            graph,
            query: &query,
        };
        serde_json::to_value(renderer.one(record)).unwrap_or_default()
    }
}

impl DocumentWriter for Actor<'_> {
    /// As the order's customer reads it, whoever asks: what only integrations may read is not sent
    /// anywhere.
    fn document(&self, purchase: &Purchase, source: &PaymentSource, include: &[&str]) -> Value {
        let record = source.to_record();
        let customer = purchase.order().customer();
        let role = customer.map_or(Role::Guest, Role::Customer);
        let viewer = caller(purchase.tenant, role);
        let graph = Graph::of(purchase.clone(), viewer, self.now);
        let parses = |path: &&&str| Include::parse(path, &[record.kind]).is_ok();
        let paths: Vec<_> = include.iter().filter(parses).copied().collect();
        self.rendered(&record, &graph, &paths.join(","))
    }

    fn transaction(&self, purchase: &Purchase, transaction: &Transaction) -> Value {
        let record = transaction.to_record();
        let viewer = caller(purchase.tenant, Role::Integration);
        let graph = Graph::of(purchase.clone(), viewer, self.now);
        self.rendered(&record, &graph, "order")
    }
}

fn caller(tenant: Tenant, role: Role) -> Caller {
    Caller {
        tenant,
        slug: String::new(),
        client_id: String::new(),
        role,
        markets: Vec::new(),
        token: Id::derived(&["no token"]),
    }
}
