//! The small world a server starts with, and more posts when many are needed.

use rusqlite::{Connection, params};

use super::store::Store;

/// Their ids are 1, 2, 3, … in this order.
const USERS: [&str; 7] =
    ["Noor Haddad", "Elias Berg", "Tamika Osei", "Ivo Marković", "Mei Tanaka", "Rosa Quispe", "Dara Flynn"];

/// Author, text, visibility, attachments, hour of writing. Their ids are 1, 2, 3, … in this order.
const POSTS: [(i64, &str, &str, &str, u32); 12] = [
    (1, "First frost on the allotment. The leeks do not mind.", "public", "[]", 6),
    (2, "Does anyone have a spare bread tin? Mine fell off the bicycle.", "public", "[]", 7),
    (
        3,
        "The heron is back at the canal.",
        "public",
        r#"[{"kind":"image","url":"https://pictures.example/heron.jpg","alt":"A grey heron on a lock gate"}]"#,
        8,
    ),
    (5, "Sourdough, day nine. It has opinions now.", "public", "[]", 9),
    (
        4,
        "A good long read about how bridges are inspected.",
        "public",
        r#"[{"kind":"link","url":"https://reading.example/bridges","title":"The people under the bridge"}]"#,
        10,
    ),
    (6, "Choir practice moves to Thursday. Bring a pencil.", "followers", "[]", 11),
    (2, "Found a bread tin. Thank you, Tamika!", "public", "[]", 12),
    (7, "The night bus drivers deserve a parade.", "public", "[]", 13),
    (5, "It rose. I am not crying, you are crying.", "public", "[]", 14),
    (1, "Note to self: seed potatoes before the fourteenth.", "private", "[]", 15),
    (6, "We sang the difficult one all the way through tonight.", "public", "[]", 20),
    (3, "Heron update: there are two of them.", "public", "[]", 21),
];

/// Post, author, text.
const COMMENTS: [(i64, i64, &str); 9] = [
    (2, 3, "I have two, come by after six."),
    (2, 2, "You are a hero. I bring the first loaf."),
    (3, 1, "He stood there all morning yesterday."),
    (4, 2, "Mine too. Do not argue with it."),
    (7, 3, "Any time."),
    (7, 5, "Now you need a better bicycle basket."),
    (9, 1, "We all are."),
    (11, 4, "I heard you from the street!"),
    (12, 6, "Two!"),
];

/// Post, user.
const FAVOURITES: [(i64, i64); 12] =
    [(1, 2), (3, 1), (3, 4), (3, 7), (5, 1), (7, 3), (8, 4), (8, 6), (9, 2), (9, 3), (11, 5), (12, 6)];

/// Post, emoji, how often.
const REACTIONS: [(i64, &str, i32); 6] =
    [(1, "🥬", 3), (3, "🪶", 5), (3, "😍", 2), (9, "🍞", 8), (9, "👏", 4), (12, "🪶", 9)];

/// Puts the small world into an empty database.
pub(super) fn sow(store: &Store) -> rusqlite::Result<()> {
    let mut connection = store.lock();
    let all = connection.transaction()?;
    for (place, name) in (1_i64..).zip(USERS) {
        all.execute("INSERT INTO users (id, name) VALUES (?, ?)", params![place, name])?;
    }
    for (author_id, content, visibility, attachments, hour) in POSTS {
        all.execute(
            "INSERT INTO posts (author_id, content, visibility, attachments, created_at) VALUES (?, ?, ?, ?, ?)",
            params![author_id, content, visibility, attachments, format!("2026-03-02T{hour:02}:15:00Z")],
        )?;
    }
    for (post_id, author_id, content) in COMMENTS {
        all.execute(
            "INSERT INTO comments (post_id, author_id, content) VALUES (?, ?, ?)",
            params![post_id, author_id, content],
        )?;
    }
    for favourite in FAVOURITES {
        all.execute("INSERT INTO favourites (post_id, user_id) VALUES (?, ?)", favourite)?;
    }
    for reaction in REACTIONS {
        all.execute("INSERT INTO reactions (post_id, emoji, count) VALUES (?, ?, ?)", reaction)?;
    }
    all.commit()
}

/// Writes many posts by one user, and says which ids they got.
pub(super) fn write_posts(connection: &mut Connection, author_id: i64, count: usize) -> rusqlite::Result<Vec<i64>> {
    let all = connection.transaction()?;
    let ids = (1..=count)
        .map(|place| {
            all.prepare_cached("INSERT INTO posts (author_id, content) VALUES (?, ?)")?
                .insert(params![author_id, format!("Thought {place} of {count}.")])
        })
        .collect::<rusqlite::Result<_>>()?;
    all.commit()?;
    Ok(ids)
}
