namespace VioActors.Daemon.Lab;

/// <summary>Something a person watching a lab wants to see.</summary>
/// <param name="Text">One line.</param>
/// <param name="Fraction">How much of the coming up or going down is done, 0..1; null outside of these.</param>
internal readonly record struct LabEvent(string Text, double? Fraction = null);

/// <summary>
/// Fills a lab whose machines and libvirtds are ready: writes configuration into their <c>/etc/vio</c>, starts the
/// server and agents (<see cref="LabDefaults"/>) and waits until they are ready.
/// </summary>
internal delegate Task LabPopulate(LabInstance lab, IProgress<LabEvent> progress, CancellationToken cancel);
