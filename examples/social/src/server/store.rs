//! The data, in an SQLite database in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::check;
use super::model::{Comment, NewComment, NewPost, Post, PostPage, PostPatch, User, Visibility};
use super::problem::Problem;

/// The person who reads: whose favourites the server means. There is no signing in here.
pub(super) const READER: i64 = 1;

const TABLES: &str = "
    PRAGMA foreign_keys = ON;
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE posts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        author_id INTEGER NOT NULL REFERENCES users,
        content TEXT NOT NULL,
        visibility TEXT NOT NULL DEFAULT 'public',
        attachments TEXT NOT NULL DEFAULT '[]',
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        edited_at TEXT
    );
    CREATE INDEX posts_by_author ON posts (author_id);
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        post_id INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
        author_id INTEGER NOT NULL REFERENCES users,
        content TEXT NOT NULL
    );
    CREATE INDEX comments_by_post ON comments (post_id);
    CREATE TABLE favourites (
        post_id INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users,
        PRIMARY KEY (post_id, user_id)
    ) WITHOUT ROWID;
    CREATE TABLE reactions (
        post_id INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
        emoji TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (post_id, emoji)
    ) WITHOUT ROWID;
";

/// A post with everything that is counted; `:reader` is who reads it.
const POST: &str = "
    SELECT post.id, post.author_id, author.name AS author, post.content, post.visibility,
        post.attachments, post.created_at, post.edited_at,
        EXISTS (SELECT 1 FROM favourites WHERE post_id = post.id AND user_id = :reader) AS favourited,
        (SELECT count(*) FROM favourites WHERE post_id = post.id) AS favourites_count,
        (SELECT count(*) FROM comments WHERE post_id = post.id) AS comments_count,
        (SELECT json_group_object(emoji, count) FROM reactions WHERE post_id = post.id) AS reactions
    FROM posts AS post JOIN users AS author ON author.id = post.author_id
";

const COMMENT: &str = "
    SELECT comment.id, comment.post_id, comment.author_id, author.name AS author, comment.content
    FROM comments AS comment JOIN users AS author ON author.id = comment.author_id
";

/// Which posts a list shows; what is `None` does not matter.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub author_id: Option<i64>,
    pub visibility: Option<Visibility>,
}

/// The database.
#[derive(Debug)]
pub(super) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// An empty database.
    pub fn open() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// The database itself. Statements are short, so nobody waits for long.
    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn posts(&self, filter: &Filter, limit: i64) -> Result<PostPage, Problem> {
        const WANTED: &str = "
            WHERE (:author_id IS NULL OR post.author_id = :author_id)
            AND (:visibility IS NULL OR post.visibility = :visibility)
        ";
        let connection = self.lock();
        let author_id = filter.author_id;
        let visibility = filter.visibility.map(Visibility::name);
        let total = connection
            .prepare_cached(&format!("SELECT count(*) FROM posts AS post {WANTED}"))?
            .query_one(named_params! { ":author_id": author_id, ":visibility": visibility }, |row| row.get(0))?;
        let items = connection
            .prepare_cached(&format!("{POST} {WANTED} ORDER BY post.id DESC LIMIT :limit"))?
            .query_map(
                named_params! {
                    ":reader": READER, ":author_id": author_id, ":visibility": visibility, ":limit": limit,
                },
                post_of_row,
            )?
            .collect::<Result<_, _>>()?;
        Ok(PostPage { items, total })
    }

    pub fn post(&self, id: i64) -> Result<Post, Problem> {
        read_post(&self.lock(), id)
    }

    pub fn create_post(&self, new: &NewPost) -> Result<Post, Problem> {
        check::content(&new.content)?;
        let attachments = serde_json::to_string(&new.attachments)?;
        let connection = self.lock();
        read_user(&connection, new.author_id)?;
        connection
            .prepare_cached("INSERT INTO posts (author_id, content, visibility, attachments) VALUES (?, ?, ?, ?)")?
            .execute(params![new.author_id, new.content, new.visibility.name(), attachments])?;
        read_post(&connection, connection.last_insert_rowid())
    }

    pub fn update_post(&self, id: i64, patch: &PostPatch) -> Result<Post, Problem> {
        if let Some(content) = &patch.content {
            check::content(content)?;
        }
        if let Some(Some(edited_at)) = &patch.edited_at {
            check::date_time("edited_at", edited_at)?;
        }
        let connection = self.lock();
        let changed = connection
            .prepare_cached(
                "UPDATE posts SET
                    content = coalesce(:content, content),
                    visibility = coalesce(:visibility, visibility),
                    edited_at = CASE WHEN :sets_edited_at THEN :edited_at ELSE edited_at END
                WHERE id = :id",
            )?
            .execute(named_params! {
                ":id": id,
                ":content": patch.content,
                ":visibility": patch.visibility.map(Visibility::name),
                ":sets_edited_at": patch.edited_at.is_some(),
                ":edited_at": patch.edited_at.as_ref().and_then(Option::as_ref),
            })?;
        if changed == 0 { Err(no_post(id)) } else { read_post(&connection, id) }
    }

    pub fn delete_post(&self, id: i64) -> Result<(), Problem> {
        let gone = self.lock().execute("DELETE FROM posts WHERE id = ?", [id])?;
        if gone == 0 { Err(no_post(id)) } else { Ok(()) }
    }

    pub fn set_favourite(&self, id: i64, favourite: bool) -> Result<(), Problem> {
        let connection = self.lock();
        must_have_post(&connection, id)?;
        let statement = if favourite {
            "INSERT OR IGNORE INTO favourites (post_id, user_id) VALUES (?, ?)"
        } else {
            "DELETE FROM favourites WHERE post_id = ? AND user_id = ?"
        };
        connection.execute(statement, [id, READER])?;
        Ok(())
    }

    pub fn comments(&self, post_id: i64) -> Result<Vec<Comment>, Problem> {
        let connection = self.lock();
        must_have_post(&connection, post_id)?;
        let comments = connection
            .prepare_cached(&format!("{COMMENT} WHERE comment.post_id = ? ORDER BY comment.id"))?
            .query_map([post_id], comment_of_row)?
            .collect::<Result<_, _>>()?;
        Ok(comments)
    }

    pub fn create_comment(&self, post_id: i64, new: &NewComment) -> Result<Comment, Problem> {
        check::content(&new.content)?;
        let connection = self.lock();
        must_have_post(&connection, post_id)?;
        read_user(&connection, new.author_id)?;
        connection
            .prepare_cached("INSERT INTO comments (post_id, author_id, content) VALUES (?, ?, ?)")?
            .execute(params![post_id, new.author_id, new.content])?;
        let comment = connection
            .prepare_cached(&format!("{COMMENT} WHERE comment.id = ?"))?
            .query_one([connection.last_insert_rowid()], comment_of_row)?;
        Ok(comment)
    }

    pub fn delete_comment(&self, post_id: i64, id: i64) -> Result<(), Problem> {
        let connection = self.lock();
        must_have_post(&connection, post_id)?;
        let gone = connection.execute("DELETE FROM comments WHERE id = ? AND post_id = ?", [id, post_id])?;
        if gone == 0 {
            return Err(Problem::not_found(format!("post {post_id} has no comment {id}")));
        }
        Ok(())
    }

    pub fn users(&self) -> Result<Vec<User>, Problem> {
        let users = self
            .lock()
            .prepare_cached("SELECT id, name FROM users ORDER BY name, id")?
            .query_map([], user_of_row)?
            .collect::<Result<_, _>>()?;
        Ok(users)
    }

    pub fn user(&self, id: i64) -> Result<User, Problem> {
        read_user(&self.lock(), id)
    }
}

fn read_post(connection: &Connection, id: i64) -> Result<Post, Problem> {
    connection
        .prepare_cached(&format!("{POST} WHERE post.id = :id"))?
        .query_one(named_params! { ":reader": READER, ":id": id }, post_of_row)
        .optional()?
        .ok_or_else(|| no_post(id))
}

fn read_user(connection: &Connection, id: i64) -> Result<User, Problem> {
    connection
        .prepare_cached("SELECT id, name FROM users WHERE id = ?")?
        .query_one([id], user_of_row)
        .optional()?
        .ok_or_else(|| Problem::not_found(format!("there is no user {id}")))
}

fn must_have_post(connection: &Connection, id: i64) -> Result<(), Problem> {
    let found = connection.prepare_cached("SELECT 1 FROM posts WHERE id = ?")?.exists([id])?;
    if found { Ok(()) } else { Err(no_post(id)) }
}

fn no_post(id: i64) -> Problem {
    Problem::not_found(format!("there is no post {id}"))
}

fn post_of_row(row: &Row<'_>) -> rusqlite::Result<Post> {
    let visibility: String = row.get("visibility")?;
    Ok(Post {
        id: row.get("id")?,
        author_id: row.get("author_id")?,
        author: row.get("author")?,
        content: row.get("content")?,
        visibility: Visibility::of_name(&visibility).unwrap_or_default(),
        favourited: row.get("favourited")?,
        favourites_count: row.get("favourites_count")?,
        comments_count: row.get("comments_count")?,
        attachments: json_of_column(row, "attachments")?,
        reactions: json_of_column(row, "reactions")?,
        created_at: row.get("created_at")?,
        edited_at: row.get("edited_at")?,
    })
}

fn json_of_column<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| {
        let place = row.as_ref().column_index(column).unwrap_or_default();
        rusqlite::Error::FromSqlConversionFailure(place, Type::Text, Box::new(error))
    })
}

fn comment_of_row(row: &Row<'_>) -> rusqlite::Result<Comment> {
    Ok(Comment {
        id: row.get("id")?,
        post_id: row.get("post_id")?,
        author_id: row.get("author_id")?,
        author: row.get("author")?,
        content: row.get("content")?,
    })
}

fn user_of_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: row.get("id")?, name: row.get("name")? })
}
