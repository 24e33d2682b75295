-- Acquire or extend the lease of one record, or tell its holder that more came.
-- KEYS: lease hash, lease deadlines (zset), key of an event already seen, pause of the shop
-- ARGV: token, lease in ms, member in the zset
-- Answers "seen", "paused", "held", "took" (the holder before us went silent) or "free".
if KEYS[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then
  return 'seen'
end
if KEYS[4] ~= '' and redis.call('EXISTS', KEYS[4]) == 1 then
  return 'paused'
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'token', 'until')
local answer = 'free'
if held[1] and held[1] ~= ARGV[1] then
  if tonumber(held[2]) > now then
    redis.call('HSET', KEYS[1], 'dirty', '1')
    return 'held'
  end
  answer = 'took'
  redis.call('HDEL', KEYS[1], 'dirty')
end
local deadline = now + tonumber(ARGV[2])
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', string.format('%d', deadline))
redis.call('ZADD', KEYS[2], string.format('%d', deadline), ARGV[3])
return answer
