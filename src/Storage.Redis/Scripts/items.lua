-- What the other scripts begin with. KEYS[1] is the set of due times; all other keys begin with the prefix and stand in its slot.
-- A hash has: envelope (the head), timestamp and attempts (decimal text), entry (length, urgency, domain), version, epoch, leased (1 while somebody
-- holds it, "ended" where that was found to be over before the item's own time), body (the content) or content (the name of one in pieces), and state once there was an attempt. With neither the content is a key of its own.
-- The score in the set is when the item is due or, while it is leased, when its lease ends: in milliseconds.
-- Those that make room, or need none, begin with deleting nothing from the set: it needs no memory, and a script that has begun to write may go on
-- where there is none left, so that what is queued can still leave.
local due = KEYS[1]
local prefix = ARGV[1]
local STRIDE = 9
local MOST_SCORES = 1000
-- When what an operator holds is due: the year 9000.
local HELD = 221845392000000

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function body_of(id)
  return prefix .. 'body:' .. id
end

-- True where an item's body was set before the script: it comes without one, and with its length instead.
local function stands(i)
  return ARGV[i + 6] == '' and ARGV[i + 7] == '' and ARGV[i + 8] ~= '0'
end

-- Takes away what was set before a script that fails.
local function clear_bodies(first)
  for i = first, #ARGV, STRIDE do
    if stands(i) and redis.pcall('HEXISTS', prefix .. ARGV[i], 'envelope') ~= 1 then redis.call('DEL', body_of(ARGV[i])) end
  end
end

-- Fails before anything is written, because a script that fails half way is not undone. Otherwise which of the items are there already, by their places
-- in ARGV. Calls are what a script's time goes into: what can be asked for all items is asked once.
local function check_items(first)
  local found, bodies = {}, {}
  for i = first, #ARGV, STRIDE do
    local content = ARGV[i + 7]
    local there = redis.pcall('HEXISTS', prefix .. ARGV[i], 'envelope')
    if type(there) ~= 'number' then
      clear_bodies(first)
      return redis.error_reply('SLIMTA the key of ' .. ARGV[i] .. ' is something else')
    end
    found[i] = there == 1
    if stands(i) then bodies[#bodies + 1] = body_of(ARGV[i]) end
    if content ~= '' and redis.call('HLEN', prefix .. 'content:' .. content) ~= tonumber(ARGV[i + 8]) then
      clear_bodies(first)
      return redis.error_reply('SLIMTA the content ' .. content .. ' is not there, or not whole')
    end
  end
  if #bodies > 0 and redis.call('EXISTS', unpack(bodies)) ~= #bodies then
    clear_bodies(first)
    return redis.error_reply('SLIMTA a body is not there that should have been set before')
  end
  return nil, found
end

-- Adds the items that are not there yet: id, envelope, timestamp, attempts, entry, due ('' at once), body, content, its pieces (or, with neither body nor
-- content, the length of the body that stands there already). True where one may be claimed at once; and how many the set of due times has gained.
-- The set comes first: what should fail behind it leaves ids there that are no items, which go when they are due, and no item that nobody would find.
local function add_items(first, lease, found)
  local time, free, added, scores = now(), false, 0, {}
  local leased = '0'
  if lease > 0 then leased = '1' end
  for i = first, #ARGV, STRIDE do
    if not found[i] then
      local score = time
      if lease > 0 then
        score = time + lease
      elseif ARGV[i + 5] ~= '' then
        score = tonumber(ARGV[i + 5])
      end
      if leased == '0' and score <= time then free = true end
      scores[#scores + 1] = score
      scores[#scores + 1] = ARGV[i]
    end
    -- Lua takes some thousand arguments at most.
    if #scores == MOST_SCORES or (#scores > 0 and i + STRIDE > #ARGV) then
      added = added + redis.call('ZADD', due, unpack(scores))
      scores = {}
    end
  end
  for i = first, #ARGV, STRIDE do
    if not found[i] then
      local content = ARGV[i + 7]
      local kept = {'body', ARGV[i + 6]}
      if content ~= '' then
        kept = {'content', content}
        redis.call('SADD', prefix .. 'refs:' .. content, ARGV[i])
        redis.call('PERSIST', prefix .. 'content:' .. content)
      end
      if stands(i) then kept = {} end
      redis.call('HSET', prefix .. ARGV[i], 'envelope', ARGV[i + 1], 'timestamp', ARGV[i + 2], 'attempts', ARGV[i + 3], 'entry', ARGV[i + 4],
        'version', '0', 'epoch', '1', 'leased', leased, unpack(kept))
    end
  end
  return free, added
end

-- Takes an item away; the result is its content's name where that was its last item. Such a content stays for a while, for those who still read it.
local function drop(id, content, linger)
  redis.call('DEL', prefix .. id, body_of(id))
  redis.call('ZREM', due, id)
  if not content then return '' end
  local refs = prefix .. 'refs:' .. content
  redis.call('SREM', refs, id)
  if redis.call('EXISTS', refs) == 1 then return '' end
  redis.call('PEXPIRE', prefix .. 'content:' .. content, linger)
  return content
end
