import { Migration } from '@mikro-orm/migrations'

/**
 * The counters of failed logins and of registrations, which all instances share, and the functions that count.
 * The version before runs on it too: it does not know of them.
 */
export class Limits extends Migration {
  override up(): void {
    // Unlogged: no count needs to survive a crash of PostgreSQL, and a flood of logins writes no log. With the room on each
    // page a count stays on its page, and in no index.
    this.addSql(`
      create unlogged table rate_limit (
        key text primary key,
        points int not null,
        expires_at timestamptz not null,
        opens_at timestamptz null)
      with (fillfactor = 30)`)
    this.#take()
    this.#giveBack()
  }

  /**
   * Takes a point of every counter of one attempt, or of none. In order of their keys, so that attempts which share some of
   * them wait for each other and never in a ring. Each row is locked by its own point before it is judged, and the points of
   * an attempt that is refused go back in the same transaction: nobody ever sees them. (As one insert of all rows it would
   * have to judge what others are just changing by an old snapshot, and the counters that did not refuse would lose a point.)
   *
   * A soft counter that is spent does not refuse: whoever comes by a waiting key for the first time has to wait, then may
   * try once. It begins with 30 seconds and doubles with each that had to wait before in this hour, or was let through
   * beyond the limit: were it by the latter alone, a thousand addresses that come at once would all come again after 30.
   *
   * `counters` is a list of {key, limit, seconds, soft}; `waiting` the waiting key; `waiters` the key that counts who had to
   * wait; `delay_max` in seconds; `at` the time, or null for the database's. Returns a row for each counter that it came to; the last one is refused, or none is.
   */
  #take(): void {
    this.addSql(`
      create function rate_limit_take(counters jsonb, waiting text, waiters text, delay_max double precision, at timestamptz)
      returns table (counter text, taken int, ends_at timestamptz, seconds double precision, refused boolean)
      language plpgsql as $$
      #variable_conflict use_column
      declare
        -- Milliseconds, which is what a client can give back.
        t timestamptz := date_trunc('milliseconds', coalesce(at, clock_timestamp()));
        each record;
        beyond int := 0;
        waited int;
        delay double precision;
      begin
        for each in
          select u.* from jsonb_to_recordset(counters) as u (key text, "limit" int, seconds double precision, soft boolean)
           order by u.key collate "C"
        loop
          insert into rate_limit as r (key, points, expires_at)
          values (each.key, 1, t + make_interval(secs => each.seconds))
          on conflict (key) do update set
            points = case when r.expires_at > t then r.points + 1 else 1 end,
            expires_at = case when r.expires_at > t then r.expires_at else excluded.expires_at end
          returning r.points, r.expires_at into taken, ends_at;
          counter := each.key;
          seconds := extract(epoch from ends_at - t);
          refused := not each.soft and taken > each."limit";
          return next;
          if refused then
            update rate_limit as r set points = r.points - 1
             where r.key = any (array(select u.key from jsonb_to_recordset(counters) as u (key text)
                                       where u.key collate "C" <= each.key));
            return;
          end if;
          if each.soft then beyond := greatest(beyond, taken - each."limit"); end if;
        end loop;
        if beyond = 0 then return; end if;

        counter := waiting;
        taken := beyond;
        refused := true;
        select r.opens_at into ends_at from rate_limit as r where r.key = waiting and r.expires_at > t;
        if ends_at <= t then
          delete from rate_limit as r where r.key = waiting;
          return;
        end if;
        if ends_at is null then
          insert into rate_limit as r (key, points, expires_at) values (waiters, 1, t + interval '1 hour')
          on conflict (key) do update set
            points = case when r.expires_at > t then r.points + 1 else 1 end,
            expires_at = case when r.expires_at > t then r.expires_at else excluded.expires_at end
          returning r.points into waited;
          delay := least(delay_max, 30 * 2.0 ^ least(greatest(beyond, waited) - 1, 20));
          ends_at := t + make_interval(secs => delay);
          -- Who has waited may come for as long again as the longest delay.
          insert into rate_limit as r (key, points, expires_at, opens_at)
          values (waiting, 0, ends_at + make_interval(secs => delay_max), ends_at)
          on conflict (key) do update set expires_at = excluded.expires_at, opens_at = excluded.opens_at;
        end if;
        update rate_limit as r set points = r.points - 1
         where r.key = any (array(select u.key from jsonb_to_recordset(counters) as u (key text)));
        seconds := extract(epoch from ends_at - t);
        return next;
      end $$`)
  }

  /**
   * Gives points back, in the same order: one of each counter whose window still runs. `points` is a list of {key, endsAt}.
   * Returns how many. (As a part of the statement that needs it, with a lock and an update of all rows, it took three times
   * as long: 230 µs.)
   */
  #giveBack(): void {
    this.addSql(`
      create function rate_limit_give_back(points jsonb) returns int
      language plpgsql as $$
      #variable_conflict use_column
      declare
        each record;
        given int := 0;
      begin
        for each in
          select u.* from jsonb_to_recordset(points) as u (key text, "endsAt" timestamptz) order by u.key collate "C"
        loop
          update rate_limit as r set points = greatest(r.points - 1, 0)
           where r.key = each.key and r.expires_at = each."endsAt";
          if found then given := given + 1; end if;
        end loop;
        return given;
      end $$`)
  }
}
