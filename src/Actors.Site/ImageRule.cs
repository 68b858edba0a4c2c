using VioActors.Contracts;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>What an image must look like before the site offers it.</summary>
internal static class ImageRule
{
    private const int LongestCommandLine = 1000;

    /// <summary>Null when the image is acceptable.</summary>
    internal static Decision? Refuse(SiteState state, ImageDefinition image)
    {
        if (!NameRule.Accepts(image.Name))
            return Decision.Refuse(SiteRefusals.Name("image", image.Name));
        if (!state.Images.ContainsKey(image.Name) && state.Images.Count >= SiteLimits.Images)
            return Decision.Refuse(SiteRefusals.Full("images", SiteLimits.Images));
        return Problem(image) is { } problem ? Decision.Refuse(SiteRefusals.BadImage(image.Name, problem)) : null;
    }

    private static string? Problem(ImageDefinition image) =>
        Blob("kernel", image.Kernel, "raw") ?? Blob("initrd", image.Initrd, "raw")
        ?? (image.Disk is { } disk ? Blob("disk", disk, "raw", "qcow2") : null)
        ?? (image.CommandLine is not { Length: <= LongestCommandLine } line || !NameRule.IsPrintable(line)
            ? $"has a command line that is not 0 to {LongestCommandLine} printable characters"
            : null);

    private static string? Blob(string part, Blob? blob, params string[] formats)
    {
        if (blob is null)
            return $"has no {part}";
        if (!NameRule.IsSha256(blob.Sha256))
            return $"has a {part} whose sha256 is not 64 lower-case hex digits";
        if (blob.Bytes <= 0)
            return $"has a {part} of {blob.Bytes} bytes; at least 1 is needed";
        return formats.Contains(blob.Format)
            ? null
            : $"has a {part} of format '{NameRule.Shown(blob.Format)}'; {string.Join(" or ", formats)} is allowed";
    }
}
