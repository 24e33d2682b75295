-- Write down how a run ended and give the lease back, in one step.
-- KEYS: lease hash, lease deadlines (zset), record hash, parked (zset), key of the event, waiting (zset)
-- ARGV: token, member, lease in ms, "1" to leave even if more came,
--       "1" if a person must look, "2" if the record waits for something in Odoo, else
--       "0", ms for which the event is remembered once all
--       that came is done (0: not at all),
--       ms for which the record is kept (0: for ever), then field, value … of the record
-- Answers "lost" (not ours any more: nothing was written), "again" (more came,
-- the lease is still ours) or "free".
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 'lost'
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if #ARGV > 7 then
  redis.call('HSET', KEYS[3], unpack(ARGV, 8))
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
end
if redis.call('HGET', KEYS[1], 'dirty') == '1' and ARGV[4] ~= '1' then
  local deadline = string.format('%d', now + tonumber(ARGV[3]))
  redis.call('HDEL', KEYS[1], 'dirty')
  redis.call('HSET', KEYS[1], 'until', deadline)
  redis.call('ZADD', KEYS[2], deadline, ARGV[2])
  return 'again'
end
if ARGV[6] ~= '0' then
  redis.call('SET', KEYS[5], '1', 'PX', ARGV[6])
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 'free'
