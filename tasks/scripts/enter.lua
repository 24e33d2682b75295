-- Acquire or extend the lease of one record, or tell its holder that more came.
-- The event that asks is written down with it.
-- KEYS: lease hash, lease deadlines (zset), key of an event already seen, pause of the shop;
--       the event's hash ('' for a heartbeat), its body, events of its record, of the record it names,
--       since when leases are given
-- ARGV: token, lease in ms, member in the zset;
--       beginning of the lists by state, event, ms since it was received, when that was, packed body,
--       then field, value … of the event
-- Answers "seen", "paused", "held", "took" (the holder before us went silent), "lapsed" (a
-- heartbeat took the lease again, which was gone: another may have had it), "free",
-- "barred" with the ms for which no lease is given, or "unset": since when is not known.
local now = clock()
local entry, lists, id = KEYS[5], ARGV[4], ARGV[5]

-- While it is not known who holds what, nobody else gets a lease: see bar.lua.
local given = redis.call('GET', KEYS[9])
local from, longest = string.match(given or '', '^(%d+) %S+ (%d+)$')
if not from or tonumber(from) > now + longest then
  return 'unset'
end
local barred = now < tonumber(from)
if barred and entry ~= '' then
  return 'barred ' .. string.format('%d', tonumber(from) - now)
end

local new = entry ~= '' and came(entry, KEYS[6], KEYS[7], KEYS[8], id, ARGV[8], ARGV[7], {unpack(ARGV, 9)})
local was = entry ~= '' and redis.call('HGET', entry, 'state')

if KEYS[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then
  if new then
    move(entry, lists, id, now, 'duplicate')
    step(entry, 'U' .. ARGV[6])
  else
    redis.call('HINCRBY', entry, 'repeats', 1)
  end
  return 'seen'
end
if KEYS[4] ~= '' and redis.call('EXISTS', KEYS[4]) == 1 then
  if was ~= 'snooze' then
    move(entry, lists, id, now, 'snooze')
    step(entry, 'Z' .. ARGV[6] .. ':paused')
    redis.call('HSET', entry, 'why', 'paused')
  end
  return 'paused'
end
local held = redis.call('HMGET', KEYS[1], 'token', 'until', 'event')
local answer = 'free'
if entry == '' and not held[1] then
  answer = 'lapsed'
end
if held[1] and held[1] ~= ARGV[1] then
  if tonumber(held[2]) > now then
    redis.call('HSET', KEYS[1], 'dirty', '1')
    -- The holder may be at this very event, or at its end.
    if entry ~= '' and held[3] ~= id and (not was or was == 'retry' or was == 'snooze') then
      move(entry, lists, id, now, 'coalesced')
      step(entry, 'C' .. ARGV[6])
      redis.call('HDEL', entry, 'why', 'detail', 'remedy')
      say(entry, 'by', held[3] or '')
    end
    return 'held'
  end
  answer = 'took'
  redis.call('HDEL', KEYS[1], 'dirty')
  -- This run does the work of the event whose worker went silent.
  local silent = held[3]
  if entry ~= '' and silent and silent ~= id then
    local dead = string.sub(entry, 1, -1 - #id) .. silent
    local e = redis.call('HMGET', dead, 'state', 'received')
    if e[1] == 'working' then
      move(dead, lists, silent, now, 'coalesced')
      step(dead, 'C' .. string.format('%d', math.max(0, now - (e[2] or now))) .. ':went+silent')
      redis.call('HSET', dead, 'why', 'went silent', 'by', id)
      redis.call('HDEL', dead, 'detail', 'remedy')
    end
  end
end
local deadline = string.format('%d', now + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', deadline)
redis.call('ZADD', KEYS[2], deadline, ARGV[3])
if entry ~= '' then
  redis.call('HSET', KEYS[1], 'event', id)
  redis.call('HINCRBY', entry, 'runs', 1)
  move(entry, lists, id, now, 'working')
  step(entry, 't' .. ARGV[6])
end
return answer
