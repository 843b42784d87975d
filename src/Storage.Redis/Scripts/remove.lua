-- ARGV: prefix, id, epoch or '' for whoever holds it, linger. Answers: status (0 refused, 1 done, 2 no such item), items, content to be deleted.
redis.call('ZREM', due, '')
local found = redis.call('HMGET', prefix .. ARGV[2], 'epoch', 'content', 'envelope')
if not found[3] then return {2, redis.call('ZCARD', due), ''} end
if ARGV[3] ~= '' and found[1] ~= ARGV[3] then return {0, redis.call('ZCARD', due), ''} end
local content = drop(ARGV[2], found[2], tonumber(ARGV[4]))
return {1, redis.call('ZCARD', due), content}
