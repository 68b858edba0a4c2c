namespace VioActors.Daemon.Demo;

/// <summary>What a demo is asked to be.</summary>
/// <param name="Json">End with one line of JSON instead of a table.</param>
/// <param name="Simulated">Run on the simulated hypervisor.</param>
/// <param name="Keep">Before deleting, wait for Ctrl-C so that a person can look around.</param>
/// <param name="File">The environment; null takes the one that came with the program.</param>
internal sealed record DemoOptions(bool Json, bool Simulated, bool Keep, string? File);
