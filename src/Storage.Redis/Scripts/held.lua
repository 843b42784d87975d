-- ARGV: prefix, id, most. Answers: the ids behind that one of what an operator holds. All of these have one time, and so stand at the end of the set in the order
-- of their ids, where the first is found by halving.
local size = redis.call('ZCARD', due)
local low, high = size - redis.call('ZCOUNT', due, HELD, '+inf'), size
while low < high do
  local middle = math.floor((low + high) / 2)
  if redis.call('ZRANGE', due, middle, middle)[1] <= ARGV[2] then low = middle + 1 else high = middle end
end
return redis.call('ZRANGE', due, low, low + tonumber(ARGV[3]) - 1)
