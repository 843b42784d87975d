using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SlimtaFast.Admin.Live;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary><c>/api/v1/live</c>: how the server is doing, in one small answer. However many ask, it is worked out once a second. Thread-safe.</summary>
internal sealed class LiveApi(LiveFigures figures, QueueDesk? desk, TimeProvider time)
{
    private const int MostHops = 20;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private LiveState? _last;
    private long _lastAt;

    /// <summary>Adds the end point.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/live", Get)
        .AddEndpointFilter(ApiRequests.GuardAsync)
        .WithSummary("How the server is doing: rates and durations of the last minutes, connections, the queue, its busiest next hops and its oldest message.");

    private Ok<LiveState> Get()
    {
        lock (_gate)
        {
            if (_last is null || time.GetElapsedTime(_lastAt) >= Fresh)
            {
                _lastAt = time.GetTimestamp();
                _last = Make();
            }

            return TypedResults.Ok(_last);
        }
    }

    private LiveState Make()
    {
        var state = new LiveState { At = time.GetUtcNow(), Figures = figures.Read() };
        if (desk is null)
            return state;
        IReadOnlyList<HopSnapshot> hops = desk.FindBusiestHops(MostHops, out int others);
        QueueId oldest = desk.FindOldest();
        return state with
        {
            Queue = QueueState.Of(desk.GetTotals()),
            Hops = new HopList([.. hops.Select(HopState.Of)], others),
            Oldest = oldest.IsNone ? null : new OldestMessage(oldest.ToString(), Math.Max(0, Math.Round((state.At - oldest.CreatedAt).TotalSeconds, 1))),
        };
    }
}
