-- Look whether Redis may have forgotten leases, and give none then until those who hold
-- them have asked again, or given up.
-- KEYS: since when leases are given
-- ARGV: lease in ms, "1" if who asks was here before
-- The key holds the time in ms, the run of the Redis process, and the longest lease that
-- anybody has. Answers for how many ms no lease is given.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local given = redis.call('GET', KEYS[1])
local from, before, longest = string.match(given or '', '^(%d+) (%S+) (%d+)$')
local info = redis.pcall('INFO', 'server') -- the demo's own has no such section
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or before or '-'
longest = math.max(tonumber(longest or 0), tonumber(ARGV[1]))
local latest = now + longest
from = tonumber(from or 0)
if given and before ~= run or not given and ARGV[2] == '1' or from > latest then
  from = latest
end
local now_given = string.format('%d %s %d', from, run, longest)
if now_given ~= given then
  redis.call('SET', KEYS[1], now_given)
end
return math.max(0, from - now)
