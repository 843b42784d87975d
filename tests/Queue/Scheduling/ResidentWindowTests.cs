using SlimtaFast.Mail;
using SlimtaFast.Queue.Scheduling;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Scheduling;

public class ResidentWindowTests
{
    [Fact]
    public void Edited_content_is_kept_in_memory_only_where_all_of_it_is_there()
    {
        var window = new ResidentWindow(10, 1000);
        var medium = new MediumContent(new byte[100]);
        MessageContent onMedium = new EditedContent(Envelopes.NewId(), new byte[10], new byte[20], medium);
        Assert.False(window.TryKeep(Envelopes.Make(onMedium)));
        onMedium.Release();
        medium.Release();
        Assert.True(medium.IsFreed);

        MessageContent memory = Contents.InMemory(), edited = new EditedContent(Envelopes.NewId(), new byte[10], default, memory);
        memory.Release();
        Assert.True(window.TryKeep(Envelopes.Make(edited)));
        edited.Release();
        edited.Release();
    }
}
