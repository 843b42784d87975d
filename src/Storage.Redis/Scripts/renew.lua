-- ARGV: prefix, lease, then id and epoch of each. Answers: the ids of those that are somebody else's, or nobody's, by now.
redis.call('ZREM', due, '')
local ends = now() + tonumber(ARGV[2])
local lost = {}
for i = 3, #ARGV, 2 do
  local found = redis.call('HMGET', prefix .. ARGV[i], 'epoch', 'leased')
  if found[1] == ARGV[i + 1] and found[2] == '1' then
    redis.call('ZADD', due, 'XX', ends, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
