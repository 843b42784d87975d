using FsCheck.Xunit;
using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

[Properties(Arbitrary = [typeof(MailArbitraries)])]
public sealed class EnvelopeSerializerTests
{
    private readonly BufferWriter _output = new();

    [Property(MaxTest = 300)]
    public bool Head_of_any_item_is_read_as_written(QueueItem item)
    {
        byte[] bytes = Head(item);
        return EnvelopeSerializer.TryReadHead(bytes, out EnvelopeHead? head)
            && head!.ContentId == item.Envelope.Content.Id
            && Same.Item(item, head.WithContent(new NamedContent(head.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits)));
    }

    [Property(MaxTest = 300)]
    public bool State_of_any_item_is_read_as_written(QueueId id, DeliveryState state) =>
        EnvelopeSerializer.TryReadState(State(id, state), out QueueId readId, out DeliveryState? read) && readId == id && Same.State(state, read!);

    [Property(MaxTest = 300)]
    public bool Block_stays_within_its_bound_and_tells_its_length(QueueItem item)
    {
        byte[] head = Head(item);
        byte[] state = State(item.Envelope.Id, item.State);
        return head.Length <= EnvelopeSerializer.GetHeadBound(item)
            && state.Length <= EnvelopeSerializer.GetStateBound(item.State)
            && EnvelopeSerializer.TryGetBlockLength(head.AsSpan(0, EnvelopeSerializer.PrefixLength), out int headLength) && headLength == head.Length
            && EnvelopeSerializer.TryGetBlockLength(state.AsSpan(0, EnvelopeSerializer.PrefixLength), out int stateLength) && stateLength == state.Length;
    }

    [Property(MaxTest = 30)]
    public bool Truncated_block_is_refused(QueueItem item)
    {
        byte[] head = Head(item);
        byte[] state = State(item.Envelope.Id, item.State);
        return Enumerable.Range(0, Math.Min(head.Length, 2000)).All(length => !EnvelopeSerializer.TryReadHead(head.AsSpan(0, length), out _))
            && Enumerable.Range(0, Math.Min(state.Length, 2000)).All(length => !EnvelopeSerializer.TryReadState(state.AsSpan(0, length), out _, out _));
    }

    [Property(MaxTest = 50)]
    public bool Block_with_something_behind_it_is_refused(QueueItem item, byte extra) =>
        !EnvelopeSerializer.TryReadHead([.. Head(item), extra], out _)
        && !EnvelopeSerializer.TryReadState([.. State(item.Envelope.Id, item.State), extra], out _, out _);

    [Property(MaxTest = 500)]
    public bool Any_octets_are_refused_without_an_exception(byte[] bytes) =>
        !EnvelopeSerializer.TryReadHead(bytes, out _) && !EnvelopeSerializer.TryReadState(bytes, out _, out _);

    [Fact]
    public void Every_single_flipped_bit_is_noticed()
    {
        byte[] head = Head(GoldenItems.Full());
        byte[] state = State(GoldenItems.Full().Envelope.Id, GoldenItems.Full().State);
        for (int bit = 0; bit < head.Length * 8; bit++)
            Assert.False(EnvelopeSerializer.TryReadHead(Flip(head, bit), out _), $"bit {bit} of the head");
        for (int bit = 0; bit < state.Length * 8; bit++)
            Assert.False(EnvelopeSerializer.TryReadState(Flip(state, bit), out _, out _), $"bit {bit} of the state");
    }

    [Fact]
    public void Every_octet_of_any_value_under_a_right_checksum_is_read_or_refused_without_an_exception()
    {
        byte[] head = Head(GoldenItems.Full());
        byte[] state = State(GoldenItems.Full().Envelope.Id, GoldenItems.Full().State);
        int read = 0;
        for (int at = 0; at < head.Length - 4; at++)
        {
            for (int value = 0; value < 256; value++)
                read += EnvelopeSerializer.TryReadHead(Blocks.WithOctet(head, at, (byte)value), out _) ? 1 : 0;
        }

        for (int at = 0; at < state.Length - 4; at++)
        {
            for (int value = 0; value < 256; value++)
                read += EnvelopeSerializer.TryReadState(Blocks.WithOctet(state, at, (byte)value), out _, out _) ? 1 : 0;
        }

        Assert.True(read > head.Length + state.Length, "Some octets, such as those of an id, may have any value.");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(254)]
    public void Section_of_a_later_version_is_skipped(byte tag)
    {
        byte[] state = Blocks.InsertSection(State(GoldenItems.Full().Envelope.Id, GoldenItems.Full().State), (byte)Math.Max(tag, (byte)4), "from the future"u8);
        Assert.True(EnvelopeSerializer.TryReadState(state, out QueueId id, out DeliveryState? read));
        Assert.Equal(GoldenItems.Full().Envelope.Id, id);
        Assert.True(Same.State(GoldenItems.Full().State, read!));
        byte[] head = Blocks.InsertSection(Head(GoldenItems.Full()), (byte)Math.Max(tag, (byte)10), "from the future"u8);
        Assert.True(EnvelopeSerializer.TryReadHead(head, out EnvelopeHead? envelope));
        Assert.Equal(GoldenItems.Full().Envelope.Id, envelope!.Item.Envelope.Id);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("0af7651916cd43dd8448eb211c80319c", false)]
    [InlineData("00000000000000000000000000000000b7ad6b716920333101", false)]
    [InlineData("0af7651916cd43dd8448eb211c80319c000000000000000001", false)]
    [InlineData("0af7651916cd43dd8448eb211c80319cb7ad6b71692033310100", false)]
    [InlineData("0af7651916cd43dd8448eb211c80319cb7ad6b716920333100", true)]
    public void Trace_that_is_none_is_ignored_and_the_message_stays_what_it_is(string octets, bool isTrace)
    {
        byte[] head = Blocks.InsertSection(Head(GoldenItems.Full()), 9, Convert.FromHexString(octets));
        Assert.True(EnvelopeSerializer.TryReadHead(head, out EnvelopeHead? read));
        Assert.Equal(isTrace ? "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" : null, read!.Item.Envelope.Client.TraceParent);
        Assert.Equal(GoldenItems.Full().Envelope.Client, read.Item.Envelope.Client with { TraceParent = null });
    }

    [Theory]
    [InlineData("")]
    [InlineData("|0af7651916cd43dd.")]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0é")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    public void Text_that_is_no_trace_is_not_written(string text)
    {
        QueueItem traced = GoldenItems.Traced();
        QueueItem item = traced with { Envelope = traced.Envelope with { Client = traced.Envelope.Client with { TraceParent = text } } };
        Assert.Equal(Head(GoldenItems.Minimal()), Head(item));
    }

    [Fact]
    public void Reader_of_an_older_version_reads_what_was_rerouted_as_if_it_was_not()
    {
        // To that reader the section has an unknown tag, as this one has to us.
        QueueItem item = GoldenItems.Rerouted();
        byte[] state = State(item.Envelope.Id, item.State), head = Head(item);
        Assert.Equal(Convert.ToHexString(State(item.Envelope.Id, item.State with { RoutingDomain = null })), Convert.ToHexString(Blocks.RemoveSection(state, 3)));
        Assert.True(EnvelopeSerializer.TryReadHead(Blocks.RemoveSection(head, 8), out EnvelopeHead? read));
        Assert.Null(read!.Item.State.RoutingDomain);
        Assert.Equal(("example.org", "backup.example"), (read.Item.Domain, item.Domain));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a..example")]
    [InlineData(".example")]
    [InlineData("BACKUP.example")]
    [InlineData("[192.0.2]")]
    [InlineData("a@b.example")]
    [InlineData("tab\t.example")]
    [InlineData("next\u0085line.example")]
    public void Routing_domain_that_is_none_is_neither_written_nor_read(string domain)
    {
        QueueItem item = GoldenItems.Rerouted();
        Assert.Throws<ArgumentException>(() => EnvelopeSerializer.WriteHead(_output, item with { State = item.State with { RoutingDomain = domain } }));
        Assert.Throws<ArgumentException>(() => EnvelopeSerializer.WriteState(_output, default, item.State with { RoutingDomain = domain }));
        Assert.True(_output.Written.IsEmpty);
        if (domain == "BACKUP.example" || !System.Text.Ascii.IsValid(domain))
            return;
        byte[] section = [(byte)domain.Length, .. System.Text.Encoding.ASCII.GetBytes(domain)];
        Assert.False(EnvelopeSerializer.TryReadState(Blocks.ReplaceSection(State(item.Envelope.Id, item.State), 3, section), out _, out DeliveryState? state));
        Assert.Null(state);
        Assert.False(EnvelopeSerializer.TryReadHead(Blocks.ReplaceSection(Head(item), 8, section), out _));
    }

    [Fact]
    public void Section_out_of_order_or_twice_is_refused()
    {
        byte[] state = State(GoldenItems.Full().Envelope.Id, GoldenItems.Full().State);
        Assert.False(EnvelopeSerializer.TryReadState(Blocks.InsertSection(state, 2, []), out _, out _));
        Assert.False(EnvelopeSerializer.TryReadState(Blocks.InsertSection(state, 1, new byte[16]), out _, out _));
    }

    [Fact]
    public void Missing_section_is_refused()
    {
        byte[] head = Head(GoldenItems.Full());
        foreach (byte tag in new byte[] { 1, 2, 3, 4, 6 })
            Assert.False(EnvelopeSerializer.TryReadHead(Blocks.RemoveSection(head, tag), out _), $"section {tag}");
        Assert.True(EnvelopeSerializer.TryReadHead(Blocks.RemoveSection(head, 5), out EnvelopeHead? without));
        Assert.True(without!.Item.Envelope.AddedHeaders.IsEmpty);
    }

    [Fact]
    public void Other_version_is_refused()
    {
        byte[] head = Blocks.WithOctet(Head(GoldenItems.Full()), 4, 2);
        Assert.False(EnvelopeSerializer.TryReadHead(head, out _));
        Assert.False(EnvelopeSerializer.TryGetBlockLength(head, out _));
    }

    [Fact]
    public void Length_beyond_the_longest_block_is_not_told()
    {
        byte[] head = Head(GoldenItems.Full());
        Blocks.WriteLength(head, 64 * 1024 * 1024);
        Assert.True(EnvelopeSerializer.TryGetBlockLength(head, out int longest));
        Assert.Equal(64 * 1024 * 1024, longest);
        Blocks.WriteLength(head, (64 * 1024 * 1024) + 1);
        Assert.False(EnvelopeSerializer.TryGetBlockLength(head, out _));
        Blocks.WriteLength(head, uint.MaxValue);
        Assert.False(EnvelopeSerializer.TryGetBlockLength(head, out _));
    }

    [Fact]
    public void Lying_count_allocates_nothing_much()
    {
        // A recipients section that claims 2^31-1 entries and has two octets left for them.
        byte[] head = Blocks.ReplaceSection(Head(GoldenItems.Minimal()), 3, [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0]);
        EnvelopeSerializer.TryReadHead(head, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = EnvelopeSerializer.TryReadHead(head, out _);
        Assert.False(read);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        QueueItem item = GoldenItems.Full();
        item = item with { Envelope = item.Envelope with { Client = item.Envelope.Client with { TraceParent = GoldenItems.Traced().Envelope.Client.TraceParent } } };
        for (int i = 0; i < 100; i++)
            Write();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Write();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write()
        {
            _output.Clear();
            EnvelopeSerializer.WriteHead(_output, item);
            EnvelopeSerializer.WriteState(_output, item.Envelope.Id, item.State);
        }
    }

    [Fact]
    public void Long_reply_and_remote_name_are_cut_at_a_readable_place()
    {
        // The cut falls between the halves of a CRLF and of a surrogate pair.
        string lines = new string('a', 999) + "\r\nmore";
        string name = new string('m', 254) + "🌍" + new string('m', 100);
        var state = DeliveryState.Initial(Envelopes.Received, 1) with
        {
            Recipients = [new RecipientStatus(RecipientPhase.Open, new SmtpReply(450, default(EnhancedStatus), lines), name)],
        };
        Assert.True(EnvelopeSerializer.TryReadState(State(Envelopes.NewId(), state), out _, out DeliveryState? read));
        Assert.Equal(new string('a', 999), read!.Recipients[0].LastReply.Text);
        Assert.Equal(new string('m', 254), read.Recipients[0].RemoteName);
    }

    [Fact]
    public void State_that_does_not_fit_the_recipients_is_not_written()
    {
        QueueItem item = GoldenItems.Minimal();
        Assert.Throws<ArgumentException>(() => EnvelopeSerializer.WriteHead(_output, item with { State = DeliveryState.Initial(default, 2) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => EnvelopeSerializer.WriteHead(_output, item with { State = item.State with { Attempts = -1 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => EnvelopeSerializer.WriteState(_output, default, item.State with { Version = -1 }));
        Assert.True(_output.Written.IsEmpty);
    }

    private byte[] Head(QueueItem item)
    {
        _output.Clear();
        EnvelopeSerializer.WriteHead(_output, item);
        return _output.ToArray();
    }

    private byte[] State(QueueId id, DeliveryState state)
    {
        _output.Clear();
        EnvelopeSerializer.WriteState(_output, id, state);
        return _output.ToArray();
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] flipped = (byte[])bytes.Clone();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
