-- Close an event for good that needs a person, and with it what its record waits for.
-- KEYS: the event's hash, which event of its kind waits for a person, lease of the record, record hash, parked (zset), waiting (zset)
-- ARGV: beginning of the lists by state, event, who closed it and why, member of the record ('' for an event that is
--       worked on by itself), ms for which the record is kept, when it was closed
-- Answers "closed", "held" (a worker is at the record) or the state in which it needs nobody.
local now = clock()
local entry, lists, id = KEYS[1], ARGV[1], ARGV[2]
local e = redis.call('HMGET', entry, 'state', 'received')
if e[1] ~= 'parked' and e[1] ~= 'failed' then
  return e[1] or 'gone'
end
local record = ARGV[4] ~= ''
if record then
  local deadline = redis.call('HGET', KEYS[3], 'until')
  if deadline and tonumber(deadline) > now then
    return 'held'
  end
end
move(entry, lists, id, now, 'discarded')
step(entry, 'B' .. string.format('%d', math.max(0, now - (e[2] or now))))
redis.call('HSET', entry, 'closed', ARGV[3])
redis.call('HDEL', entry, 'remedy')
local open = redis.call('GET', KEYS[2])
if open == id then
  redis.call('DEL', KEYS[2])
end
-- Where another event waits for a person, the record is that one's.
if record and (not open or open == id) and redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('ZREM', KEYS[5], ARGV[4])
  redis.call('ZREM', KEYS[6], ARGV[4])
  redis.call('HSET', KEYS[4], 'outcome', 'skipped', 'reason', 'discarded', 'detail', '', 'remedy', '', 'needs', '',
    'attempts', '0', 'at', ARGV[6])
  redis.call('HDEL', KEYS[4], 'forced')
  redis.call('PEXPIRE', KEYS[4], ARGV[5])
end
return 'closed'
