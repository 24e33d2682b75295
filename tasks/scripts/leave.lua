-- Write down how a run ended, of the record and of its event, and give the lease
-- back, in one step.
-- KEYS: lease hash, lease deadlines (zset), record hash, parked (zset), key of the event, waiting (zset);
--       the event's hash, which event of the record waits for a person, records of the order number, orders of the customer
-- ARGV: token, member, lease in ms, "1" to leave even if more came,
--       "1" if a person must look, "2" if the record waits for something in Odoo, else
--       "0", ms for which the event is remembered once all
--       that came is done (0: not at all),
--       ms for which the record is kept (0: for ever);
--       beginning of the lists by state, event, state, steps, why, detail, remedy, number,
--       ms for which the order is found by its number and customer (0: for ever);
--       then field, value … of the record
-- Answers "lost" (not ours any more: nothing was written), "again" (more came,
-- the lease is still ours), "free", or "unknown" (free, and nothing is written down of
-- the event: Redis has forgotten it).
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 'lost'
end
local now = clock()
if #ARGV > 16 then
  redis.call('HSET', KEYS[3], unpack(ARGV, 17))
  if ARGV[7] == '0' then
    redis.call('PERSIST', KEYS[3])
  else
    redis.call('PEXPIRE', KEYS[3], ARGV[7])
  end
  for place, list in pairs({['1'] = KEYS[4], ['2'] = KEYS[6]}) do
    if ARGV[5] == place then
      redis.call('ZADD', list, string.format('%d', now), ARGV[2])
    else
      redis.call('ZREM', list, ARGV[2])
    end
  end
  for _, found in ipairs({KEYS[9], KEYS[10]}) do
    if found ~= '' then
      redis.call('SADD', found, ARGV[2])
      if ARGV[16] == '0' then
        redis.call('PERSIST', found)
      else
        redis.call('PEXPIRE', found, ARGV[16])
      end
    end
  end
end
local entry, lists, id, state = KEYS[7], ARGV[8], ARGV[9], ARGV[10]
local known = redis.call('EXISTS', entry) == 1
if known then
  step(entry, ARGV[11])
  if ARGV[15] ~= '' then
    redis.call('HSET', entry, 'number', ARGV[15])
  end
end
if redis.call('HGET', KEYS[1], 'dirty') == '1' and ARGV[4] ~= '1' then
  local deadline = string.format('%d', now + tonumber(ARGV[3]))
  redis.call('HDEL', KEYS[1], 'dirty')
  redis.call('HSET', KEYS[1], 'until', deadline)
  redis.call('ZADD', KEYS[2], deadline, ARGV[2])
  return 'again'
end
if known then
  move(entry, lists, id, now, state)
  say(entry, 'why', ARGV[12])
  say(entry, 'detail', ARGV[13])
  say(entry, 'remedy', ARGV[14])
  settle(entry, lists, id, now, state, KEYS[8])
end
if ARGV[6] ~= '0' then
  redis.call('SET', KEYS[5], '1', 'PX', ARGV[6])
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return known and 'free' or 'unknown'
