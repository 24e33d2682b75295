-- Take what a target is to be told of now. One sender at a time: what comes while a
-- message is on its way goes with the next.
-- KEYS: sender of the target (text), what is due (zset)
-- ARGV: token, ms for which it is ours, now, most
-- Answers false where another sends, else the ids, each with when it was due.
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return false
end
return redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[3], 'WITHSCORES', 'LIMIT', 0, ARGV[4])
