-- Ends a call and takes the remote's word for the bucket. KEYS: as take.lua. ARGV: the
-- call ("id cost"); what it spent; what the bucket holds, its size, and what comes back a
-- second (0: the remote said nothing); whether the call was turned away.
--
-- The remote's word does not hold what was granted and has not reached it yet. So the
-- level is our own count, at most the remote's word, and at least that word less all that
-- is under way: the first keeps calls from meeting, the last mends what was never given
-- back.
local at = now()
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
local b = redis.call('HMGET', KEYS[1], 'level', 'max', 'restore', 'at')
local max, restore, refused = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
if restore <= 0 then
  if refused and b[1] then redis.call('HSET', KEYS[1], 'level', 0, 'at', at) end
  return 0
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at)
local flying = 0
for _, call in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  flying = flying + tonumber(string.match(call, ' (.+)$'))
end
local said = tonumber(ARGV[3])
local least = said - flying
local level = least
if b[1] and not refused then
  local ours = tonumber(b[1]) + (at - tonumber(b[4])) / 1000 * tonumber(b[3])
  ours = ours + tonumber(string.match(ARGV[1], ' (.+)$')) - tonumber(ARGV[2])
  level = math.max(math.min(ours, said), least)
end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'max', ARGV[4], 'restore', ARGV[5], 'at', at)
redis.call('PEXPIRE', KEYS[1], 86400000)
return 1
