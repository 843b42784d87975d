-- ARGV: prefix, channel, then id, epoch and due ('' at once) of each. Answers: how many were given back.
redis.call('ZREM', due, '')
local time, count, free = now(), 0, false
for i = 3, #ARGV, 3 do
  local key = prefix .. ARGV[i]
  local found = redis.call('HMGET', key, 'epoch', 'leased')
  if found[1] == ARGV[i + 1] and found[2] == '1' then
    local score = time
    if ARGV[i + 2] ~= '' then score = tonumber(ARGV[i + 2]) end
    redis.call('HSET', key, 'leased', '0')
    redis.call('ZADD', due, score, ARGV[i])
    free = free or score <= time
    count = count + 1
  end
end
if free then redis.call('PUBLISH', ARGV[2], '') end
return count
