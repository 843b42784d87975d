using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Admin.Health;
using SlimtaFast.Admin.Tests.Fakes;

namespace SlimtaFast.Admin.Tests;

public class HealthTests
{
    [Fact]
    public async Task Server_with_all_parts_ready_is_ready()
    {
        await using AdminClient client = await AdminClient.StartAsync(checks: [Fine("storage"), Fine("listeners")]);
        (HttpStatusCode status, string body) = await client.AskAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"status":"ready","parts":[{"part":"storage","ready":true},{"part":"listeners","ready":true}]}""", body);
    }

    [Fact]
    public async Task One_part_that_is_not_ready_makes_the_server_not_ready()
    {
        await using AdminClient client = await AdminClient.StartAsync(checks:
        [
            Fine("listeners"),
            new ReadinessCheck("storage", _ => ValueTask.FromResult<string?>("the \"disk\" is full\r\n")),
            new ReadinessCheck("broker", _ => throw new IOException("connection refused")),
        ]);
        (HttpStatusCode status, string body) = await client.AskAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        using JsonDocument json = JsonDocument.Parse(body);
        Assert.Equal("not ready", json.RootElement.GetProperty("status").GetString());
        JsonElement[] parts = [.. json.RootElement.GetProperty("parts").EnumerateArray()];
        Assert.True(parts[0].GetProperty("ready").GetBoolean());
        Assert.False(parts[1].GetProperty("ready").GetBoolean());
        Assert.Equal("the \"disk\" is full\r\n", parts[1].GetProperty("why").GetString());
        Assert.Equal("connection refused", parts[2].GetProperty("why").GetString());
    }

    [Fact]
    public async Task Live_asks_no_part()
    {
        await using AdminClient client = await AdminClient.StartAsync(checks: [new ReadinessCheck("storage", _ => throw new IOException("away"))]);
        (HttpStatusCode status, string body) = await client.AskAsync("/health/live");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"status":"live"}""", body);
    }

    [Fact]
    public async Task Part_that_hangs_is_not_waited_for()
    {
        var time = new FakeTimeProvider();
        var never = new TaskCompletionSource<string?>();
        var readiness = new Readiness([Fine("listeners"), new ReadinessCheck("storage", _ => new ValueTask<string?>(never.Task))], TimeSpan.FromSeconds(5), time);
        Task<PartState[]> asked = readiness.AskAsync(CancellationToken.None);
        Assert.False(asked.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([new PartState("listeners", null), new PartState("storage", "no answer within 5 s")], await asked);
    }

    private static ReadinessCheck Fine(string part) => new(part, _ => ValueTask.FromResult<string?>(null));
}
