-- Marks as fast as the server takes them: every plot in turn, each time on the version it has now.
-- MARKS_DATA names a Lua file with `plots` {{id, version}, …} and `cookies` {text, …};
-- MARKS_RESULT the JSON file that figures are written to.
dofile(os.getenv("MARKS_DATA"))

local bodies = {
  '{"mark":"false_positive","reason":"FP31","note":"现场核实,位于管理范围线外"}',
  '{"mark":"confirmed","violation":"PR42","note":"现场核实,岸边新建房屋"}',
}
local free, first, last, version, sent = {}, 1, 0, {}, 0
for _, plot in ipairs(plots) do
  last = last + 1
  free[last] = plot[1]
  version[plot[1]] = plot[2]
end

function request()
  local plot = free[first]
  free[first] = nil
  first, sent = first + 1, sent + 1
  local headers = {
    ["Content-Type"] = "application/json",
    ["If-Match"] = '"' .. version[plot] .. '"',
    ["Idempotency-Key"] = plot .. "-" .. version[plot],
    ["Cookie"] = cookies[1 + sent % #cookies],
  }
  local body = bodies[1 + version[plot] % 2]
  return wrk.format("POST", "/api/v1/plots/" .. plot .. "/marks", headers, body)
end

kept, refused = 0, 0
function response(status, _, body)
  if status ~= 201 then
    refused = refused + 1
    return
  end
  local plot = body:match('"plot_id":"([^"]*)"')
  version[plot] = tonumber(body:match('"version":(%d+)'))
  kept, last = kept + 1, last + 1
  free[last] = plot
end

local thread
function setup(started) thread = started end

function done(summary, latency, _)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  local file = io.open(os.getenv("MARKS_RESULT"), "w")
  file:write(string.format(
    '{"kept":%d,"refused":%d,"lost":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f}',
    thread:get("kept"), thread:get("refused"), lost, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
  file:close()
end
