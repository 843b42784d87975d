using SlimtaFast.TestKit;

namespace SlimtaFast.Mail.Tests;

/// <summary>Files of the envelope format as they lie on disks: every later reader must read them. Today's writer still makes them.</summary>
public sealed class GoldenFileTests
{
    private readonly BufferWriter _output = new();

    public static TheoryData<string> Names => ["minimal", "full", "terms", "rerouted", "traced"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Head_is_read(string name)
    {
        Assert.True(EnvelopeSerializer.TryReadHead(Golden($"{name}.head"), out EnvelopeHead? head));
        var content = new NamedContent(head!.ContentId, head.ContentLength, head.ContentCrc, head.ContentTraits);
        Assert.True(Same.Item(Item(name), head.WithContent(content)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void State_is_read(string name)
    {
        Assert.True(EnvelopeSerializer.TryReadState(Golden($"{name}.state"), out QueueId id, out DeliveryState? state));
        Assert.Equal(Item(name).Envelope.Id, id);
        Assert.True(Same.State(Item(name).State, state!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Head_is_written_to_the_octet(string name)
    {
        EnvelopeSerializer.WriteHead(_output, Item(name));
        Assert.Equal(Convert.ToHexString(Golden($"{name}.head")), Convert.ToHexString(_output.Written));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void State_is_written_to_the_octet(string name)
    {
        EnvelopeSerializer.WriteState(_output, Item(name).Envelope.Id, Item(name).State);
        Assert.Equal(Convert.ToHexString(Golden($"{name}.state")), Convert.ToHexString(_output.Written));
    }

    private static QueueItem Item(string name) => name switch
    {
        "full" => GoldenItems.Full(),
        "terms" => GoldenItems.Terms(),
        "rerouted" => GoldenItems.Rerouted(),
        "traced" => GoldenItems.Traced(),
        _ => GoldenItems.Minimal(),
    };

    private static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));
}
