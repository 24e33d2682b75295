-- Keep an alert, and say which targets are to be told of it, and when.
-- KEYS: alert (hash), what it is about (set), open alerts (zset by when they were seen last)
-- ARGV: alert's id, now, ms for which it is kept, the alert itself, one record that it is about ("": none),
--       how people call that, number of records where it is known (0: it is not),
--       most records that are told apart, most open alerts,
--       beginning of the keys of alerts, of sets, and of the lists of what is due by target;
--       then for each target: name, ms to wait for others, ms for which it stays quiet (0: for ever)
-- Answers name and time of each target that is to be told.
local hash, about, open = KEYS[1], KEYS[2], KEYS[3]
local id, now, keep, one = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[5]
if redis.call('HEXISTS', hash, 'resolved') == 1 then -- it is back
  redis.call('DEL', hash, about)
end
if redis.call('HSETNX', hash, 'first', ARGV[2]) == 1 and redis.call('ZCARD', open) >= tonumber(ARGV[9]) then
  for _, oldest in ipairs(redis.call('ZRANGE', open, 0, 0)) do
    redis.call('DEL', ARGV[10] .. oldest, ARGV[11] .. oldest)
    redis.call('ZREM', open, oldest)
  end
end
redis.call('HSET', hash, 'last', ARGV[2], 'alert', ARGV[4])
redis.call('ZADD', open, ARGV[2], id)
if one == '' then
  redis.call('HSETNX', hash, 'count', 1)
elseif redis.call('SISMEMBER', about, one) == 0 then
  local count = redis.call('HINCRBY', hash, 'count', 1)
  if redis.call('SCARD', about) < tonumber(ARGV[8]) then
    redis.call('SADD', about, one)
  end
  if count <= 10 and ARGV[6] ~= '' then
    redis.call('HSET', hash, 'orders', (redis.call('HGET', hash, 'orders') or '') .. ARGV[6] .. '\n')
  end
end
if ARGV[7] ~= '0' then
  redis.call('HSET', hash, 'count', ARGV[7])
end
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, keep)
end
local answer = {}
for i = 13, #ARGV, 3 do
  local due = ARGV[12] .. ARGV[i]
  local told = redis.call('HGET', hash, 'told:' .. ARGV[i])
  local again = told and ARGV[i + 2] ~= '0' and now - tonumber(told) >= tonumber(ARGV[i + 2])
  if not redis.call('ZSCORE', due, id) and (not told or again) then
    local at = now + tonumber(ARGV[i + 1])
    local first = redis.call('ZRANGEBYSCORE', due, now, at, 'WITHSCORES', 'LIMIT', 0, 1)
    if first[2] then -- it joins those that wait already
      at = tonumber(first[2])
    end
    redis.call('ZADD', due, string.format('%d', at), id)
    redis.call('PEXPIRE', due, keep)
    table.insert(answer, ARGV[i])
    table.insert(answer, string.format('%d', at))
  end
end
return answer
