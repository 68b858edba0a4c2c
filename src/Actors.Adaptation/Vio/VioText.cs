using System.Globalization;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>Sentences of reasons.</summary>
internal static class VioText
{
    internal static string Of(VioGain gain, bool pays, VioGain? best) =>
        pays && best is { } better ? Worse(gain, better) : NotWorth(gain);

    internal static string NotWorth(VioGain gain) => string.Create(
        CultureInfo.InvariantCulture,
        $"it would save {gain.Saved:0.##} of {gain.Before:0.##} cores lost, {gain.Net:0} core seconds with its cost");

    internal static string Worse(VioGain gain, VioGain best) => string.Create(
        CultureInfo.InvariantCulture, $"{gain.Net:0} core seconds; the best place gives {best.Net:0}");
}
