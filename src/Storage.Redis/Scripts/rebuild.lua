-- ARGV: prefix, the octets that an envelope begins with, then ids of keys that were found. Puts those that are messages, and missing in the set of due
-- times, into it. Answers: how many were missing, and how many are no messages of ours.
local added, foreign = 0, 0
for i = 3, #ARGV do
  if not redis.call('ZSCORE', due, ARGV[i]) then
    local key = prefix .. ARGV[i]
    local isItem = false
    if redis.call('TYPE', key).ok == 'hash' then
      local found = redis.call('HMGET', key, 'envelope', 'timestamp', 'entry')
      if found[1] and found[3] and string.sub(found[1], 1, #ARGV[2]) == ARGV[2] then
        isItem = true
        redis.call('ZADD', due, math.floor((tonumber(found[2]) or 0) * 1000), ARGV[i])
        redis.call('HSET', key, 'leased', '0')
        added = added + 1
      elseif not found[1] and redis.call('HLEN', key) == 1 and redis.call('HDEL', key, 'body') == 1 then
        -- Left of a write that was not done: its process died when it was about to do it another way, which brings the body again.
        isItem = true
      end
    end
    if not isItem then foreign = foreign + 1 end
  end
end
return {added, foreign, redis.call('ZCARD', due)}
