-- ARGV: prefix, channel, lease or 0, then items. Answers: how many items there are.
local trouble, there = check_items(4)
if trouble then return trouble end
local items = redis.call('ZCARD', due)
local free, added = add_items(4, tonumber(ARGV[3]), there)
if free then redis.call('PUBLISH', ARGV[2], '') end
return items + added
