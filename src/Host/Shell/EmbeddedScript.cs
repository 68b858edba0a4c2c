using System.Reflection;
using System.Text;

namespace VioActors.Daemon.Shell;

/// <summary>
/// The constant shell scripts inside the executable. Whatever varies reaches them as positional arguments.
/// </summary>
internal static class EmbeddedScript
{
    /// <summary>A script's bytes by its file name.</summary>
    public static byte[] Bytes(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"script '{name}' is not embedded");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>A script's text by its file name.</summary>
    public static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));
}
