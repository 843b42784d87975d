using Microsoft.Playwright;

namespace SlimtaFast.EndToEnd.Tests.Page;

/// <summary>The distribution's Chromium without a screen, begun when the first test wants it.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>Where the distribution has it.</summary>
    public const string Program = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Opens a tab that shares nothing with others, and notes all that it does.</summary>
    internal async Task<Tab> OpenAsync(string server, BrowserNewContextOptions? options = null)
    {
        if (_chromium is null)
        {
            _playwright = await Playwright.CreateAsync();
            // Root has no sandbox of Chromium's; what it is shown is ours.
            _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"], Timeout = 180_000 });
        }

        return await Tab.OpenAsync(await _chromium.NewContextAsync(options), server);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }
}
