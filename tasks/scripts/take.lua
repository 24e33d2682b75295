-- Takes points out of a bucket for a call, or says in how many milliseconds they are
-- there. KEYS: the bucket; the calls under way with the time of their end; who asks how
-- large it is. ARGV: the cost; the part that is left to others; the call ("id cost"); how
-- long a call may be under way; how long one may ask.
local at, cost = now(), tonumber(ARGV[1])
local b = redis.call('HMGET', KEYS[1], 'level', 'max', 'restore', 'at')
if not b[1] then
  if redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[5]) then
    redis.call('ZADD', KEYS[2], at + ARGV[4], ARGV[3])
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
    return 0
  end
  return math.max(1, redis.call('PTTL', KEYS[3]))
end
local max, restore = tonumber(b[2]), tonumber(b[3])
local level = math.min(max, tonumber(b[1]) + (at - tonumber(b[4])) / 1000 * restore)
cost = math.min(cost, max) -- more than the bucket holds would never fit
local left = math.min(max * tonumber(ARGV[2]), max - cost)
local short = cost + left - level
if short > 0.000001 then return math.ceil(short / restore * 1000) end
redis.call('HSET', KEYS[1], 'level', tostring(level - cost), 'at', at)
redis.call('ZADD', KEYS[2], at + ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 0
