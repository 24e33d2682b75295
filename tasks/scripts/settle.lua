-- Give back a lease that was taken beside another, and write down with it what is known of
-- its record now.
-- KEYS: lease hash, lease deadlines (zset), record hash, which account the contact has, the contact's record hash,
--       that its account is being made
-- ARGV: token, member in the zset, "1" to give it back even if more came, ms for which the
--       record is kept, the account's id; then field, value … of the record (none: nothing is written down)
-- Answers "lost" (not ours any more: nothing was written), "again" (more came: the lease is
-- still ours) or "free".
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then
  return 'lost'
end
if #ARGV > 5 then
  local forever = redis.call('PTTL', KEYS[3]) == -1 -- it waits for a person
  redis.call('HSET', KEYS[3], unpack(ARGV, 6))
  if not forever then
    redis.call('PEXPIRE', KEYS[3], ARGV[4])
  end
  redis.call('SET', KEYS[4], ARGV[5], 'PX', ARGV[4])
  redis.call('HDEL', KEYS[5], 'sent')
  redis.call('DEL', KEYS[6])
end
if redis.call('HGET', KEYS[1], 'dirty') == '1' and ARGV[3] ~= '1' then
  redis.call('HDEL', KEYS[1], 'dirty')
  return 'again'
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 'free'
