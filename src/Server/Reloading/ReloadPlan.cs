namespace SlimtaFast.Server.Reloading;

/// <summary>When the configuration is read again by itself.</summary>
/// <param name="Path">The file.</param>
/// <param name="OnChange">Whether that is so when it has changed.</param>
internal sealed record ReloadPlan(string Path, bool OnChange);
