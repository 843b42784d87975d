-- ARGV: prefix, the octets that an envelope begins with, a lease, then ids of keys that were found, and those of bodies, with body: before them. Puts those
-- that are messages, and missing in the set of due times, into it. Answers: how many were missing, and how many are no messages of ours.
local added, foreign = 0, 0
for i = 4, #ARGV do
  local of = string.match(ARGV[i], '^body:(.*)')
  if of then
    -- Left of a write that was not done: its process died when it was about to do it another way, which brings the body again.
    if redis.call('EXISTS', prefix .. of) == 0 then redis.call('DEL', body_of(of)) end
  elseif not redis.call('ZSCORE', due, ARGV[i]) then
    local key = prefix .. ARGV[i]
    local isItem = false
    if redis.call('TYPE', key).ok == 'hash' then
      local found = redis.call('HMGET', key, 'envelope', 'timestamp', 'entry', 'leased')
      if found[1] and found[3] and string.sub(found[1], 1, #ARGV[2]) == ARGV[2] then
        isItem = true
        local score = math.floor((tonumber(found[2]) or 0) * 1000)
        -- When the lease ends went with the set. Whoever holds the item may be delivering it: it stays his, and his next renewal puts the end right.
        if found[4] == '1' then score = now() + tonumber(ARGV[3]) end
        redis.call('ZADD', due, score, ARGV[i])
        added = added + 1
      end
    end
    if not isItem then foreign = foreign + 1 end
  end
end
return {added, foreign, redis.call('ZCARD', due)}
