-- Note that an alert is over, and say which targets are to be told.
-- KEYS: alert (hash), what it is about (set), open alerts (zset)
-- ARGV: alert's id, now, ms for which it is kept, beginning of the lists of what is due;
--       then for each target: name, "1" where it is told that something is over
-- Answers name and time of each target that is to be told.
local hash, id, now = KEYS[1], ARGV[1], ARGV[2]
redis.call('ZREM', KEYS[3], id)
if redis.call('EXISTS', hash) == 0 or redis.call('HSETNX', hash, 'resolved', now) == 0 then
  return {}
end
redis.call('PEXPIRE', hash, ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local answer = {}
for i = 5, #ARGV, 2 do
  local due = ARGV[4] .. ARGV[i]
  if ARGV[i + 1] == '1' and redis.call('HEXISTS', hash, 'told:' .. ARGV[i]) == 1 then
    redis.call('ZADD', due, now, id)
    redis.call('PEXPIRE', due, ARGV[3])
    table.insert(answer, ARGV[i])
    table.insert(answer, now)
  else -- whoever was not told of it is not told that it is over
    redis.call('ZREM', due, id)
  end
end
return answer
