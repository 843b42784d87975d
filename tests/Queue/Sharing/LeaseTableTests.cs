using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Sharing;
using SlimtaFast.Storage;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Sharing;

public sealed class LeaseTableTests
{
    private static readonly LeaseTerms Terms = new(TimeSpan.FromMinutes(1), 100);

    private readonly FakeTimeProvider _time = new();
    private readonly LeaseTable _table;
    private readonly QueueId _id = Envelopes.NewId();

    public LeaseTableTests() => _table = new LeaseTable(Terms, _time);

    [Fact]
    public void Known_item_goes_on_where_nobody_else_had_it()
    {
        _table.Add(new QueueLease(_id, 1), _time.GetTimestamp());
        _time.Advance(Terms.Duration);
        Assert.Equal(ClaimVerdict.Known, _table.Claim(new QueueLease(_id, 2), _time.GetTimestamp()));
        Assert.Equal(2, _table.Begin(_id, CancellationToken.None)!.Lease.Epoch);
    }

    [Fact]
    public void Known_item_that_another_process_had_is_given_back_and_not_attempted_as_it_is_known_here()
    {
        _table.Add(new QueueLease(_id, 1), _time.GetTimestamp());
        _time.Advance(Terms.Duration);
        Assert.Equal(ClaimVerdict.InTheWay, _table.Claim(new QueueLease(_id, 3), _time.GetTimestamp()));
        Assert.Null(_table.Begin(_id, CancellationToken.None));
        Assert.NotNull(_table.Remove(_id));
        Assert.Equal(ClaimVerdict.New, _table.Claim(new QueueLease(_id, 4), _time.GetTimestamp()));
    }

    [Fact]
    public void Item_whose_attempt_still_runs_is_given_back()
    {
        _table.Add(new QueueLease(_id, 1), _time.GetTimestamp());
        HeldLease lease = _table.Begin(_id, CancellationToken.None)!;
        _time.Advance(Terms.Duration);
        Assert.Equal(ClaimVerdict.InTheWay, _table.Claim(new QueueLease(_id, 2), _time.GetTimestamp()));
        Assert.False(lease.IsValid);
        _table.End(lease);
    }

    [Fact]
    public void Item_that_was_claimed_by_its_id_goes_back_for_its_own_time()
    {
        DateTimeOffset due = _time.GetUtcNow().AddHours(4);
        var lease = new QueueLease(_id, 2);
        Assert.True(_table.TryAdd(lease, _time.GetTimestamp(), due));
        Assert.Equal(new LeaseRelease(lease, due), Assert.Single(_table.TakeIdle()));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Item_that_is_known_gets_no_second_place_when_it_is_claimed_by_its_id()
    {
        _table.Add(new QueueLease(_id, 2), _time.GetTimestamp());
        HeldLease known = _table.Find(_id)!;
        Assert.False(_table.TryAdd(new QueueLease(_id, 1), _time.GetTimestamp(), default));
        Assert.True(known.IsValid);
        Assert.False(_table.TryAdd(new QueueLease(_id, 3), _time.GetTimestamp(), default));
        Assert.True(known.IsLost);
        Assert.Empty(_table.TakeIdle());
    }

    [Fact]
    public void New_item_whose_lease_is_over_before_it_gets_a_place_is_forgotten()
    {
        _table.Add(new QueueLease(_id, 1), _time.GetTimestamp());
        _time.Advance(Terms.Duration);
        Assert.False(_table.Keep(_id));
        Assert.Equal(0, _table.Count);
        Assert.False(_table.Keep(_id));
    }

    [Fact]
    public void Item_gets_one_place_whether_it_was_claimed_or_written_here()
    {
        // Written without a lease, and claimed here before its writer was done: two places were two deliveries.
        Assert.Equal(ClaimVerdict.New, _table.Claim(new QueueLease(_id, 2), _time.GetTimestamp()));
        Assert.False(_table.Keep(_id));
        Assert.NotNull(_table.Begin(_id, CancellationToken.None));

        QueueId written = Envelopes.NewId();
        _table.Add(new QueueLease(written, 1), _time.GetTimestamp());
        Assert.True(_table.Keep(written));
        Assert.False(_table.Keep(written));
        Assert.NotNull(_table.Begin(written, CancellationToken.None));
    }
}
