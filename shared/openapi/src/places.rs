//! Where the API has something: the paths of every resource type, and which methods they take.

use domain::ResourceType;
use domain::resource::Relationship;
use routing::Route;

use crate::words;

/// An id, to ask routes with.
const SOME_ID: &str = "qaMAhZkZvd";
/// The order in which a path shows its methods.
const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

/// A path of a resource type's.
pub struct ApiPath {
    /// The type.
    pub kind: ResourceType,
    /// What is there.
    pub shape: Shape,
}

/// What is at a path.
#[derive(Clone, Copy)]
pub enum Shape {
    /// `/api/orders`: all of them.
    List,
    /// `/api/organization`: the one that follows from the token.
    OfToken,
    /// `/api/orders/{id}`: one.
    Record,
    /// `/api/orders/{id}/market`: what a relationship leads to.
    Related(&'static Relationship),
    /// `/api/orders/{id}/relationships/market`: the identifiers of that.
    Linkage(&'static Relationship),
    /// `/api/orders/{id}/{relationship}`: what any of the relationships leads to whose records are not held.
    Nowhere,
}

/// Every path that there could be.
pub fn all() -> impl Iterator<Item = ApiPath> {
    ResourceType::ALL.iter().flat_map(|kind| {
        let relationships = kind.declaration().relationships.iter();
        let around = relationships.flat_map(|it| [Shape::Related(it), Shape::Linkage(it)]);
        let leads_nowhere = !kind.declaration().unsupported.is_empty();
        let shapes = [Shape::List, Shape::OfToken, Shape::Record]
            .into_iter()
            .chain(around)
            .chain(leads_nowhere.then_some(Shape::Nowhere));
        shapes.map(|shape| ApiPath { kind: *kind, shape })
    })
}

impl ApiPath {
    /// Its path, with this for the id.
    pub fn path(&self, id: &str) -> String {
        let kind = self.kind;
        match self.shape {
            Shape::List => format!("/api/{kind}"),
            Shape::OfToken => format!("/api/{}", words::singular(kind).replace(' ', "_")),
            Shape::Record => format!("/api/{kind}/{id}"),
            Shape::Related(to) => format!("/api/{kind}/{id}/{}", to.name),
            Shape::Linkage(to) => format!("/api/{kind}/{id}/relationships/{}", to.name),
            Shape::Nowhere => format!("/api/{kind}/{id}/{{relationship}}"),
        }
    }

    /// Whether there is an id in its path.
    pub const fn has_id(&self) -> bool {
        !matches!(self.shape, Shape::List | Shape::OfToken)
    }

    /// The methods that it takes by these routes.
    pub fn methods(&self, routes: &[Route]) -> impl Iterator<Item = &'static str> {
        let path = self.path(SOME_ID);
        METHODS.into_iter().filter(move |method| {
            let mut of_method = routes.iter().filter(|it| it.method.as_str() == *method);
            of_method.any(|route| route.captures(&path).is_some())
        })
    }
}
