-- ARGV: prefix, channel, then id, epoch, due ('' at once) and how long that is from now by the caller's clock of each. Answers: how many were given back.
redis.call('ZREM', due, '')
local time, count, free = now(), 0, false
for i = 3, #ARGV, 4 do
  local key = prefix .. ARGV[i]
  local found = redis.call('HMGET', key, 'epoch', 'leased', 'timestamp')
  if found[1] == ARGV[i + 1] and found[2] == '1' then
    local score = time
    if ARGV[i + 2] ~= '' then
      score = tonumber(ARGV[i + 2])
      -- A process whose clock is late would find it due at once, and again and again. What is held, and what is to wait for its own time, keeps that.
      local own = (tonumber(found[3]) or 0) * 1000
      if score < HELD and math.abs(score - own) >= 2 then score = time + tonumber(ARGV[i + 3]) end
    end
    redis.call('HSET', key, 'leased', '0')
    redis.call('ZADD', due, score, ARGV[i])
    free = free or score <= time
    count = count + 1
  end
end
if free then redis.call('PUBLISH', ARGV[2], '') end
return count
