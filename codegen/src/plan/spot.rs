//! Where a path is among the things of an API.

use super::entity::Entities;
use super::path::Path;

/// Where a path is among the things of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// `/posts/{id}`
    Member { entity: usize },
    /// `/posts`
    Collection { entity: usize },
    /// `/posts/{id}/publish`: what is after the member that is known.
    Below { entity: usize, member: Path },
    /// `/posts/publish`: what is after the collection that is known.
    Under { entity: usize, collection: Path },
    /// Nowhere known.
    Nowhere,
}

/// Where a path is, as far as it leads to things of which something is `known`.
pub(super) fn spot(entities: &Entities, path: &Path, known: impl Fn(usize) -> bool) -> Spot {
    let of_member = |path: &Path| entities.of_member(path).map(|(entity, _)| entity).filter(|entity| known(*entity));
    let of_collection = |path: &Path| entities.of_collection(path).filter(|entity| known(*entity));
    if let Some(entity) = of_member(path) {
        return Spot::Member { entity };
    }
    if let Some(entity) = of_collection(path) {
        return Spot::Collection { entity };
    }
    for beginning in path.beginnings() {
        if let Some(entity) = of_member(&beginning) {
            return Spot::Below { entity, member: beginning };
        }
        if let Some(entity) = of_collection(&beginning) {
            return match picked_after(entities, entity, &beginning, path) {
                Some(member) => Spot::Below { entity, member },
                None => Spot::Under { entity, collection: beginning },
            };
        }
    }
    Spot::Nowhere
}

/// The member that the end of a path picks by the parameters of the member's own path: `/posts/publish/{id}` beside
/// `/posts/{id}`.
fn picked_after(entities: &Entities, entity: usize, collection: &Path, path: &Path) -> Option<Path> {
    let (_, picks) = path.member()?;
    let members = entities.all[entity].members.iter().map(|member| Path::parse(member));
    members
        .into_iter()
        .find(|member| member.member().is_some_and(|(own, names)| own.key() == collection.key() && names == picks))
}
