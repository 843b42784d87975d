using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using SlimtaFast.Mail;
using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary><c>/api/v1</c>: what an operator sees and does of the queue, as JSON. docs/admin.md describes it.</summary>
internal sealed class QueueApi(QueueDesk desk)
{
    private const string Prefix = "/api/v1";
    private const string Json = "application/json";
    private const int MostHops = 1000;

    /// <summary>Adds the end points.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder api = routes.MapGroup(Prefix);
        api.AddEndpointFilter(ApiRequests.GuardAsync);
        Describe(api.MapGet("/messages", ListAsync), "Lists queued messages, a page at a time.");
        Describe(api.MapGet("/messages/{id}", ShowAsync), "All that is known of a queued message, and why it waits.").ProducesProblem(404);
        Describe(api.MapPost("/messages/actions", OrderAsync), "Does something with messages: retry, hold, release, reroute, remove or bounce.").Accepts<ActionRequest>(Json).ProducesProblem(415);
        Describe(api.MapGet("/hops", ListHops), "Lists the next hops with something to do, and those that are suspended.");
        Describe(api.MapPost("/hops/suspend", SuspendHopAsync), "Suspends a next hop until it is resumed, or the server restarted.").Accepts<HopRequest>(Json).ProducesProblem(415);
        Describe(api.MapPost("/hops/resume", ResumeHopAsync), "Uses a suspended next hop now.").Accepts<HopRequest>(Json).ProducesProblem(404).ProducesProblem(415);
        Describe(api.MapPost("/pause", Pause), "Starts no attempt until deliveries are resumed, or the server restarted.").ProducesProblem(415);
        Describe(api.MapPost("/resume", Resume), "Goes on with deliveries.").ProducesProblem(415);
        Describe(api.MapGet("/stats", Stats), "The queue as a whole.");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder builder, string summary) =>
        builder.WithSummary(summary).ProducesProblem(400).ProducesProblem(503);

    private async Task<Ok<MessagePage>> ListAsync([AsParameters] MessageQuery query, CancellationToken cancellationToken)
    {
        ItemPage page = await desk.SearchAsync(query.ToFilter(), query.Cursor, query.ToLimit(), cancellationToken);
        return TypedResults.Ok(new MessagePage([.. page.Items.Select(MessageSummary.Of)], page.Next, page.OnlyThisProcess));
    }

    private async Task<Ok<MessageDetails>> ShowAsync(string id, CancellationToken cancellationToken)
    {
        if (!QueueId.TryParse(id, out QueueId parsed))
            throw ApiException.Wrong("An id has 32 hexadecimal digits.");
        ItemDetails details = await desk.FindAsync(parsed, cancellationToken)
            ?? throw new ApiException(404, "There is no such message.", !desk.ReachesAll ? "This process does not have it; another one or the broker may." : "It is not in the queue, or not any more.");
        return TypedResults.Ok(MessageDetails.Of(details));
    }

    private async Task<Ok<ActionAnswer>> OrderAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ActionRequest request = await ApiRequests.ReadAsync<ActionRequest>(context.Request, cancellationToken);
        return TypedResults.Ok(ActionAnswer.Of(await desk.OrderAsync(request.ToOrder(ApiRequests.By(context)), cancellationToken)));
    }

    private Ok<HopList> ListHops()
    {
        HopSnapshot[] hops = [.. desk.GetTotals(withHops: true).Queue.Hops.Where(static hop => hop.Ready + hop.Active > 0 || hop.SuspendedUntil is not null)];
        HopState[] busiest = [.. hops.OrderByDescending(static hop => hop.Ready + hop.Active).ThenBy(static hop => hop.Name, StringComparer.Ordinal).Take(MostHops).Select(HopState.Of)];
        return TypedResults.Ok(new HopList(busiest, hops.Length - busiest.Length));
    }

    private async Task<Ok<Changed>> SuspendHopAsync(HttpContext context, CancellationToken cancellationToken)
    {
        HopRequest request = await ApiRequests.ReadAsync<HopRequest>(context.Request, cancellationToken);
        return TypedResults.Ok(new Changed(desk.SuspendHop(request.Hop, ApiRequests.By(context))));
    }

    private async Task<Ok<Changed>> ResumeHopAsync(HttpContext context, CancellationToken cancellationToken)
    {
        HopRequest request = await ApiRequests.ReadAsync<HopRequest>(context.Request, cancellationToken);
        bool isResumed = desk.ResumeHop(request.Hop, ApiRequests.By(context)) ?? throw new ApiException(404, "There is no such next hop.", "None of that name has anything to do.");
        return TypedResults.Ok(new Changed(isResumed));
    }

    private Ok<Changed> Pause(HttpContext context)
    {
        bool changes = !desk.IsPaused;
        desk.Pause(ApiRequests.By(context));
        return TypedResults.Ok(new Changed(changes));
    }

    private Ok<Changed> Resume(HttpContext context)
    {
        bool changes = desk.IsPaused;
        desk.Resume(ApiRequests.By(context));
        return TypedResults.Ok(new Changed(changes));
    }

    private Ok<QueueState> Stats() => TypedResults.Ok(QueueState.Of(desk.GetTotals()));
}
