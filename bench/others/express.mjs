// What tutorials end with: express, jsonwebtoken, a table of refresh tokens. Production settings, no log.
import { randomBytes, randomUUID } from 'node:crypto'
import argon2 from 'argon2'
import express from 'express'
import jwt from 'jsonwebtoken'
import pg from 'pg'

const ARGON2ID = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const secret = randomBytes(32).toString('hex')
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
await pool.query(`
  create table if not exists users (id serial primary key, email text unique not null, username text not null default '', password text not null);
  create table if not exists refresh_tokens (token uuid primary key, user_id int not null references users on delete cascade,
                               expires_at timestamptz not null, created_at timestamptz not null default now());
  create index if not exists refresh_tokens_user on refresh_tokens (user_id)`)

const accessToken = (id) => jwt.sign({ user_id: id }, secret, { expiresIn: 30 })
const insertToken = async (client, id) => {
  const token = randomUUID()
  await client.query(
    `insert into refresh_tokens (token, user_id, expires_at) values ($1, $2, now() + interval '30 days')`,
    [token, id],
  )
  return token
}
const authenticated = (request, response, next) => {
  try {
    request.user = jwt.verify(request.headers.authorization?.split(' ')[1] ?? '', secret)
    next()
  } catch {
    response.status(401).json({ error: 'invalid token' })
  }
}

const app = express()
app.disable('x-powered-by')
app.use(express.json())

app.post('/api/register/', async (request, response) => {
  const { email, password } = request.body
  const hash = await argon2.hash(password, ARGON2ID)
  const { rows } = await pool.query('insert into users (email, password) values ($1, $2) returning id, email', [
    email,
    hash,
  ])
  response.status(201).json(rows[0])
})
app.post('/api/login/', async (request, response) => {
  const { email, password } = request.body
  const { rows } = await pool.query('select id, password from users where email = $1', [email])
  if (rows.length === 0 || !(await argon2.verify(rows[0].password, password))) {
    return response.status(401).json({ error: 'invalid credentials' })
  }
  const refreshToken = await insertToken(pool, rows[0].id)
  response.json({ access_token: accessToken(rows[0].id), refresh_token: refreshToken })
})
app.post('/api/refresh/', async (request, response) => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query(
      'delete from refresh_tokens where token = $1 and expires_at > now() returning user_id',
      [request.body.refresh_token],
    )
    if (rows.length === 0) {
      await client.query('rollback')
      return response.status(401).json({ error: 'invalid refresh token' })
    }
    const refreshToken = await insertToken(client, rows[0].user_id)
    await client.query('commit')
    response.json({ access_token: accessToken(rows[0].user_id), refresh_token: refreshToken })
  } finally {
    client.release()
  }
})
app.get('/api/me/', authenticated, async (request, response) => {
  const { rows } = await pool.query('select id, username, email from users where id = $1', [request.user.user_id])
  response.json(rows[0])
})
app.put('/api/me/', authenticated, async (request, response) => {
  const { username, email } = request.body
  const { rows } = await pool.query(
    'update users set username = coalesce($2, username), email = coalesce($3, email) where id = $1 returning id, username, email',
    [request.user.user_id, username, email],
  )
  response.json(rows[0])
})
app.listen(Number(process.env.PORT), '127.0.0.1')
