-- Write down how the run of an event ended that needs no lease.
-- KEYS: the event's hash, its body, events of its record, of the record it names, which event of its kind waits for a person
-- ARGV: beginning of the lists by state, event, state, steps, why, detail, remedy, when it was received, packed body,
--       then field, value … of the event
local now = clock()
local entry, lists, id, state = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
came(entry, KEYS[2], KEYS[3], KEYS[4], id, ARGV[9], ARGV[8], {unpack(ARGV, 10)})
local was = redis.call('HGET', entry, 'state')
local over = was and was ~= 'working' and was ~= 'retry' and was ~= 'snooze'
if state == 'duplicate' and over then
  redis.call('HINCRBY', entry, 'repeats', 1)
  return 1
end
if state == 'coalesced' and over then
  return 1 -- it had ended by itself
end
if state ~= 'superseded' and state ~= 'coalesced' then
  redis.call('HINCRBY', entry, 'runs', 1)
end
move(entry, lists, id, now, state)
step(entry, ARGV[4])
say(entry, 'why', ARGV[5])
say(entry, 'detail', ARGV[6])
say(entry, 'remedy', ARGV[7])
settle(entry, lists, id, now, state, KEYS[5])
return 1
