-- What the scripts share that write the life of an event down. entry is its hash;
-- lists is how the keys of the lists by state begin, all of the shop's hash tag.

-- came writes an event down that was not seen before, with its body.
local function came(entry, body, list, other, id, packed, received, fields)
  if redis.call('EXISTS', entry) == 1 then
    return false
  end
  redis.call('HSET', entry, unpack(fields))
  redis.call('ZADD', list, received, id)
  if other ~= '' then
    redis.call('ZADD', other, received, id)
  end
  if packed ~= '' then
    redis.call('SET', body, packed)
  end
  return true
end

-- move puts an event into the list of a state.
local function move(entry, lists, id, now, state)
  local was = redis.call('HGET', entry, 'state')
  if was and was ~= state then
    redis.call('ZREM', lists .. was, id)
  end
  redis.call('ZADD', lists .. state, string.format('%d', now), id)
  redis.call('HSET', entry, 'state', state, 'at', string.format('%d', now))
  redis.call('HDEL', entry, 'by')
end

-- step adds to the life of an event. Of a long one the middle is forgotten.
local function step(entry, steps)
  if steps == '' then
    return
  end
  local life = redis.call('HGET', entry, 'life')
  if life then
    steps = life .. ' ' .. steps
  end
  if #steps > 1500 then
    local head = string.sub(steps, 1, 200)
    local tail = string.sub(steps, -1000)
    steps = string.gsub(head, ' [^ ]*$', '') .. ' ~' .. string.gsub(tail, '^[^ ]*', '', 1)
  end
  redis.call('HSET', entry, 'life', steps)
end

-- say keeps a word of an entry, or forgets it.
local function say(entry, field, text)
  if text == '' then
    redis.call('HDEL', entry, field)
  else
    redis.call('HSET', entry, field, text)
  end
end

-- settle makes the event that waits for a person the one of this run, if it needs
-- one: what waited before is superseded by it.
local function settle(entry, lists, id, now, state, open)
  if state == 'retry' or state == 'snooze' or state == 'stale' or state == 'duplicate' or state == 'coalesced' then
    return
  end
  local before = redis.call('GET', open)
  if state == 'superseded' and before ~= id then
    return
  end
  if before and before ~= id then
    local old = string.sub(entry, 1, -1 - #id) .. before
    if redis.call('EXISTS', old) == 1 then
      local received = redis.call('HGET', old, 'received') or now
      move(old, lists, before, now, 'superseded')
      step(old, 'X' .. string.format('%d', math.max(0, now - received)))
      redis.call('HSET', old, 'by', id)
      redis.call('HDEL', old, 'remedy')
    end
  end
  if state == 'parked' or state == 'failed' then
    redis.call('SET', open, id)
  else
    redis.call('DEL', open)
  end
end

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
