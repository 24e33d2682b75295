-- Note that a target was told of an alert, if we are still the one who sends.
-- KEYS: sender of the target (text), what is due (zset), alert (hash)
-- ARGV: token, alert's id, now, target, "1" if it was told as over, "1" where the target
--       is told that something is over
-- Answers 1 if it is over meanwhile and that is still to be told.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
redis.call('HSET', KEYS[3], 'told:' .. ARGV[4], ARGV[3])
if ARGV[5] == '0' and ARGV[6] == '1' and redis.call('HEXISTS', KEYS[3], 'resolved') == 1 then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
  return 1
end
return 0
