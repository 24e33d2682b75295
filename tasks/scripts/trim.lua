-- Forget events that changed last before a time; answers how many entries of the
-- list were looked at.
-- KEYS: the list of a state
-- ARGV: state, ms before which, how many at most, beginning of the keys of events, of bodies, of the events of a record
local ids = redis.call('ZRANGE', KEYS[1], '-inf', '(' .. ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local e = redis.call('HMGET', ARGV[4] .. id, 'state', 'ref', 'of')
  if not e[1] or e[1] == ARGV[1] then
    redis.call('DEL', ARGV[4] .. id, ARGV[5] .. id)
    for _, of in ipairs({e[2] or '', e[3] or ''}) do
      redis.call('ZREM', ARGV[6] .. of, id)
    end
  end
  redis.call('ZREM', KEYS[1], id)
end
return #ids
