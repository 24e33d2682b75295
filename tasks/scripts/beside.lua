-- Acquire the lease of a record beside the one that a run has, unless anybody has it or
-- went silent with it, or no lease is given now. Nobody is told that more came, for nothing did.
-- KEYS: lease hash, lease deadlines (zset), since when leases are given
-- ARGV: token, lease in ms, member in the zset
-- Answers 1 if it is ours.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local from = string.match(redis.call('GET', KEYS[3]) or '', '^%d+') -- see bar.lua
if redis.call('EXISTS', KEYS[1]) == 1 or not from or now < tonumber(from) then
  return 0
end
local deadline = string.format('%d', now + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', deadline)
redis.call('ZADD', KEYS[2], deadline, ARGV[3])
return 1
