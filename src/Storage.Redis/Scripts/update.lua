-- ARGV: prefix, channel, lease of the bounces or 0, id, epoch or '' for whoever holds it, version, closed, timestamp, attempts, state, due, linger,
-- routing domain or '', then bounces. Answers: status (0 refused, 1 done, 2 no such item, 3 done before), items, content to be deleted.
redis.call('ZREM', due, '')
local id, epoch, version = ARGV[4], ARGV[5], tonumber(ARGV[6])
local key = prefix .. id
local found = redis.call('HMGET', key, 'epoch', 'version', 'content', 'leased', 'entry')
if epoch ~= '' then
  -- An update that is repeated finds its own version, and the lease ended. A holder whose version is stored already works on an older item.
  local isStored = found[1] == epoch and tonumber(found[2]) >= version
  if found[1] ~= epoch or (found[4] ~= '0') == isStored then return {0, redis.call('ZCARD', due), ''} end
  -- Its bounces were added then. They may be somebody else's by now, or delivered: they are not added again.
  if isStored then return {3, redis.call('ZCARD', due), ''} end
elseif not found[1] and ARGV[3] == '-1' then
  -- The caller looks for it elsewhere first.
  return {2, redis.call('ZCARD', due), ''}
end
local trouble, there = check_items(14)
if trouble then return trouble end
local free = add_items(14, math.max(0, tonumber(ARGV[3])), there)
local status, content = 2, ''
if found[1] then
  status = 1
  if version > tonumber(found[2]) then
    if ARGV[7] == '1' then
      content = drop(id, found[3], tonumber(ARGV[12]))
    else
      local next = found[1]
      if epoch == '' then next = string.format('%d', tonumber(next) + 1) end
      redis.call('HSET', key, 'state', ARGV[10], 'timestamp', ARGV[8], 'attempts', ARGV[9], 'version', ARGV[6], 'leased', '0', 'epoch', next)
      -- The entry's last part is the domain, which decides the next hop.
      local sizes = ARGV[13] ~= '' and found[5] and string.match(found[5], '^%d+ %d+ ')
      if sizes then redis.call('HSET', key, 'entry', sizes .. ARGV[13]) end
      redis.call('ZADD', due, tonumber(ARGV[11]), id)
      free = free or tonumber(ARGV[11]) <= now()
    end
  end
end
if free then redis.call('PUBLISH', ARGV[2], '') end
return {status, redis.call('ZCARD', due), content}
