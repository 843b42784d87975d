-- ARGV: prefix, most items, lease. Answers: items, milliseconds until the next is due or '', then id, epoch, timestamp, attempts, entry of each.
redis.call('ZREM', due, '')
local time = now()
local answer = {0, ''}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', time, 'LIMIT', 0, tonumber(ARGV[2]))) do
  local key = prefix .. id
  local found = redis.call('HMGET', key, 'timestamp', 'attempts', 'entry', 'leased')
  local own = (tonumber(found[1]) or 0) * 1000
  if not found[3] then
    redis.call('ZREM', due, id)
  elseif own > time and (found[4] == '1' or own >= HELD) then
    -- Somebody took it by its id, and neither recorded anything nor gave it back: it waits as it did before. What its holder records late is the truth
    -- as long as nobody else had it.
    redis.call('ZADD', due, math.floor(own), id)
    redis.call('HSET', key, 'leased', 'ended')
  else
    local epoch = redis.call('HINCRBY', key, 'epoch', 1)
    redis.call('HSET', key, 'leased', '1')
    redis.call('ZADD', due, time + tonumber(ARGV[3]), id)
    local at = #answer
    answer[at + 1], answer[at + 2], answer[at + 3], answer[at + 4], answer[at + 5] = id, epoch, found[1], found[2], found[3]
  end
end
local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
answer[1] = redis.call('ZCARD', due)
if first[2] then answer[2] = string.format('%d', math.floor(tonumber(first[2]) - time)) end
return answer
