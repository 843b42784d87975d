using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Conversion;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Conversion;

/// <summary>What a conversion takes grows with the message, and not faster. What is allocated is counted for the whole process, so nothing else runs meanwhile.</summary>
[Collection(nameof(AloneCollection))]
public class ConversionWorkTests
{
    [Fact]
    public async Task Convert_four_times_the_parts_takes_four_times_the_work()
    {
        await MeasureAsync(100);
        (long small, long smallRead) = await MeasureAsync(1_000);
        (long large, long largeRead) = await MeasureAsync(4_000);

        // What grows with the square would be sixteen times as much.
        Assert.InRange((double)large / small, 1, 8);
        Assert.InRange((double)largeRead / smallRead, 3.9, 4.1);
    }

    private static async Task<(long Allocated, long Read)> MeasureAsync(int parts)
    {
        const string Part = "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\u00fc\u00dfe\r\n";
        string text = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat(Part, parts)) + "--b--\r\n";
        var content = new StreamedContent(Encoding.UTF8.GetBytes(text));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Envelope? converted = await MessageConverter.ConvertAsync(Envelopes.Make(content), CancellationToken.None);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.NotNull(converted);
        converted.Content.Release();
        content.Release();
        return (allocated, content.OctetsRead);
    }
}
