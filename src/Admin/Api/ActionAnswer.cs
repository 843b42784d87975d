using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>What became of an order.</summary>
/// <param name="Done">Messages for which it is done.</param>
/// <param name="Messages">What became of each.</param>
/// <param name="Next">The cursor to go on with; left out at the end.</param>
internal sealed record ActionAnswer(int Done, ActionOutcome[] Messages, string? Next)
{
    public static ActionAnswer Of(QueueOrderResult result) => new(
        result.Items.Count(static item => item.Outcome == OrderOutcome.Done),
        [.. result.Items.Select(static item => new ActionOutcome(item.Id.ToString(), item.Outcome))],
        result.Next);
}
